internal import Services

/// Shows what happens in the runs of a command, as it happens.
protocol RunRenderer: AnyObject {
    func handle(_ event: RunEvent)
    /// After the last event.
    func finish()
}
