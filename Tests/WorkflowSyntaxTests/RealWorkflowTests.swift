import Foundation
import TestSupport
import Testing

@testable import WorkflowSyntax

/// Workflow files of public projects, outside of the package: `$PLUE_REAL_WORKFLOWS/OWNER__NAME/FILE`. What was found for
/// each, and judged, stands in Tests/RealWorkflows.
@Suite struct RealWorkflowTests {
    private static let folder = ProcessInfo.processInfo.environment["PLUE_REAL_WORKFLOWS"]

    private struct Entry {
        var file: String
        var isAccepted: Bool
        var errors: Set<String>
    }

    private static func entries() throws -> [Entry] {
        let index = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("RealWorkflows/index.tsv")
        return try String(contentsOf: index, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            let fields = $0.split(separator: "\t", omittingEmptySubsequences: false)
            try #require(fields.count == 5)
            let name = fields[1].split(separator: "/").last ?? ""
            return Entry(
                file: "\(fields[0].replacing("/", with: "__"))/\(name)", isAccepted: fields[3] == "accepted",
                errors: Set(fields[4].split(separator: " ").map(String.init)))
        }
    }

    @Test(.enabled(if: folder != nil, "PLUE_REAL_WORKFLOWS names no folder")) func everyFile() throws {
        let folder = try #require(Self.folder)
        var passed = 0
        var total = 0
        for entry in try Self.entries() {
            guard let text = try? String(contentsOfFile: "\(folder)/\(entry.file)", encoding: .utf8) else { continue }
            total += 1
            let result = WorkflowParser(linting: true).parse(text, file: entry.file)
            let errors = Set(result.diagnostics.filter { $0.severity == .error }.map(\.code))
            if (result.workflow != nil) == entry.isAccepted, errors == entry.errors {
                passed += 1
            } else {
                Issue.record("\(entry.file): \(result.diagnostics.filter { $0.severity == .error }.map(\.message))")
            }
        }
        Conformance.report("real", "all", passed, of: total)
        #expect(total > 0, "\(folder) holds none of the files")
    }
}
