internal import Storage

/// What somebody set before, and is not any more.
enum Replacement {
    /// `this takes the place of the pause by octocat, 2026-11-23T07:49:43Z: disk full`
    static func text(_ what: String, _ actor: String, since moment: Timestamp, _ reason: String) -> String {
        "this takes the place of \(what) by \(actor.oneLine), \(moment.iso8601.prefix(19))Z: \(reason.oneLine)"
    }
}
