import Foundation
import Testing

@testable import WorkflowSyntax

/// A file under Fixtures with what is expected of it, in comments of its own:
/// `# expect LINE:COLUMN [warning|note] CODE MESSAGE [(HINT)]`, one for each diagnostic, `# gives …` for what an action
/// holds, `# options {…}` for the JSON beside it.
struct Fixture: Sendable, CustomTestStringConvertible {
    /// Without its ending.
    let name: String
    let url: URL
    let bytes: [UInt8]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    /// Those of a folder, by name.
    static func all(_ folder: String) -> [Fixture] {
        let folder = root.appendingPathComponent(folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yml") }.sorted().compactMap { name in
            let url = folder.appendingPathComponent(name)
            guard let data = try? Data(contentsOf: url) else { return nil }
            return Fixture(name: String(name.dropLast(4)), url: url, bytes: Array(data))
        }
    }

    var testDescription: String { name }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// As a diagnostic names it.
    var file: String { ".github/workflows/\(name).yml" }
    var expected: [String] { comments("expect") }

    func comments(_ kind: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { $0.first == "\u{feff}" ? $0.dropFirst() : $0 }
            .filter { $0.hasPrefix("# \(kind) ") }.map(String.init)
    }

    func options() throws -> TemplateOptions {
        guard let line = comments("options").first else { return TemplateOptions() }
        return try TemplateOptions(json: String(line.dropFirst("# options ".count)))
    }

    /// The JSON file beside it; nil without one.
    var json: String? {
        try? String(contentsOf: url.deletingPathExtension().appendingPathExtension("json"), encoding: .utf8)
    }

    /// Diagnostics in the form of the comments, from the first place on.
    static func lines(_ diagnostics: [Diagnostic]) -> [String] {
        diagnostics.sorted { $0.position < $1.position }.map { diagnostic in
            let severity = diagnostic.severity == .error ? "" : "\(diagnostic.severity.rawValue) "
            let text = diagnostic.message + (diagnostic.hint.map { " (\($0))" } ?? "")
            return "# expect \(diagnostic.position.line):\(diagnostic.position.column) \(severity)\(diagnostic.code) "
                + text.replacing("\n", with: "\\n")
        }
    }

    /// Fails with what was found, so that it can be judged and pasted.
    func expect(_ diagnostics: [Diagnostic]) {
        let found = Self.lines(diagnostics)
        #expect(found.sorted() == expected.sorted(), "\(name):\n\(found.joined(separator: "\n"))\n")
    }

    func expect(json found: String) {
        #expect(json == found + "\n", "\(name).json:\n\(found)\n")
    }
}
