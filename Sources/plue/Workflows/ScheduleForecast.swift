internal import Storage
internal import WorkflowSyntax

/// The next occurrences of a schedule of a workflow, for people and for programs.
struct ScheduleForecast {
    let cron: String
    let timezone: String?
    /// Seconds since the epoch; empty when it never fires, or when `fault` says why that is not known.
    private let instants: [Int64]
    private let zone: ZoneRules
    private let fault: String?

    /// The schedules of a workflow in their order, with at most `count` occurrences after an instant each.
    static func all(_ workflow: Workflow, _ count: Int, after instant: Int64) -> [ScheduleForecast] {
        let zones = ZoneDatabase()
        return workflow.triggers.flatMap(\.schedules).map { ScheduleForecast($0, count, after: instant, zones) }
    }

    private init(_ schedule: Trigger.Schedule, _ count: Int, after instant: Int64, _ zones: ZoneDatabase) {
        cron = schedule.cron
        timezone = schedule.timezone
        do {
            let occurrences = try schedule.occurrences(zones)
            zone = try schedule.zone(zones)
            instants = occurrences?.next(count, after: instant) ?? []
            fault = nil
        } catch {
            zone = .utc
            instants = []
            fault = error.message + (error.hint.map { " (\($0))" } ?? "")
        }
    }

    /// A line each: `2026-03-29 03:00 +02:00  01:00 UTC`; why there is none in place of them.
    var lines: [String] {
        if let fault { return [fault] }
        return instants.isEmpty ? ["never: no month has the day that it names"] : instants.map(text)
    }

    /// The first of all as one line, `never` or `unknown`; nil without a schedule.
    static func earliest(_ forecasts: [ScheduleForecast]) -> String? {
        if forecasts.isEmpty { return nil }
        let firsts = forecasts.compactMap { forecast in forecast.instants.first.map { ($0, forecast) } }
        if let first = firsts.min(by: { $0.0 < $1.0 }) { return first.1.text(first.0) }
        return forecasts.contains { $0.fault != nil } ? "unknown" : "never"
    }

    var json: ExpressionValue {
        let next = instants.map { instant in
            ExpressionValue.object(
                ExpressionObject([
                    ("utc", .string(Timestamp(microseconds: instant * 1_000_000).iso8601)),
                    ("local", zone.iso8601(instant).map { .string($0) } ?? .null),
                ]))
        }
        return .object(
            ExpressionObject([
                ("cron", .string(cron)), ("timezone", .string(timezone ?? "UTC")),
                ("next", .array(ExpressionArray(next))), ("error", fault.map { .string($0) } ?? .null),
            ]))
    }

    /// The date in UTC only where it is another one.
    private func text(_ instant: Int64) -> String {
        let utc = Timestamp(microseconds: instant * 1_000_000).iso8601
        guard let local = zone.iso8601(instant) else { return utc }
        let shown = "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))"
        if timezone == nil { return shown + " UTC" }
        let other = utc.prefix(10) == local.prefix(10) ? "" : "\(utc.prefix(10)) "
        return "\(shown) \(local.suffix(6))  \(other)\(utc.dropFirst(11).prefix(5)) UTC"
    }
}
