import ArgumentParser
internal import Glibc
internal import Model
internal import Services
internal import Storage
internal import WorkflowSyntax

/// `plue doctor`: looks for what must not be; exit 1 with findings.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the database for what must not be: exit 1 when something is found.")

    @OptionGroup var options: DatabaseOptions

    @Flag(help: "One JSON object a line: each finding, then a summary.")
    var json = false

    mutating func run() async throws {
        let database = try await Database(options.database, absent: .empty)
        let services = try await database.services(preparesMonths: false)
        try await services.access.check(.databaseCheck, .installation, by: Caller.principal)
        let findings = try await services.doctor.check()
        await database.backend.close()
        for finding in findings {
            Standard.line(json ? Self.record(finding) : Self.line(finding))
        }
        let count = DoctorService.rules.count
        if json {
            Standard.line(#"{"v":1,"type":"doctor","rules":\#(count),"findings":\#(findings.count)}"#)
        } else {
            Standard.line(
                findings.isEmpty ? "✓ sound: \(count) rules hold" : "\(findings.count) of \(count) rules do not hold")
        }
        if !findings.isEmpty { Glibc.exit(1) }
    }

    private static func line(_ finding: DoctorService.Finding) -> String {
        let shown = finding.ids.map(String.init) + finding.names
        let list = shown.joined(separator: ", ") + (finding.count > shown.count ? ", …" : "")
        return "✗ \(finding.rule): \(finding.count) (\(list))"
    }

    private static func record(_ finding: DoctorService.Finding) -> String {
        let ids = finding.ids.map(String.init).joined(separator: ",")
        let names = ExpressionValue.array(ExpressionArray(finding.names.map { .string($0) })).json(pretty: false)
        return #"{"v":1,"type":"finding","rule":"\#(finding.rule)","count":\#(finding.count),"ids":[\#(ids)],"#
            + #""names":\#(names)}"#
    }
}
