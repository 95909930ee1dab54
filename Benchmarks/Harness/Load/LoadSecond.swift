/// What happened in one second of a load test.
package struct LoadSecond: Sendable {
    package var created = 0
    package var claimed = 0
    package var completed = 0
    /// Runs of which every job had ended.
    package var concluded = 0
    /// Jobs that waited for a runner at its end; nil: nobody looked.
    package var depth: Int?
    /// Jobs created and not ended, those that wait for others too, at its end.
    package var open: Int?

    package init() {}
}
