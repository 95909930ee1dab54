import ArgumentParser
internal import Storage

/// From when on occurrences of schedules are shown.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "Show occurrences of schedules after this time, such as 2026-03-29T00:00:00Z (default: now).")
    var after: String?

    static var now: Int64 { WallClock.now.microseconds / 1_000_000 }

    /// Seconds since the epoch. Throws ``CommandError`` for a text that is no time.
    func instant() throws -> Int64 {
        guard let after else { return Self.now }
        guard let time = Timestamp(iso8601: after) else {
            throw CommandError(
                ExitStatus.usage, "--after \(after): expected a time such as 2026-03-29T00:00:00Z")
        }
        return time.microseconds / 1_000_000
    }
}
