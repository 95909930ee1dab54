public import Foundation
internal import Testing
public import WorkflowSyntax

/// The corpora that measure compatibility, outside of the package: `$PLUE_CONFORMANCE_DIR`, or
/// `../shared/conformance` beside it.
public enum Conformance {
    public static let root: URL? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let url =
            ProcessInfo.processInfo.environment["PLUE_CONFORMANCE_DIR"].map { URL(fileURLWithPath: $0) }
            ?? package.appendingPathComponent("../shared/conformance")
        guard FileManager.default.fileExists(atPath: url.path) else {
            print("CONFORMANCE skipped: no corpus at \(url.path)")
            return nil
        }
        return url.standardizedFileURL
    }()

    public static var isPresent: Bool { root != nil }

    /// Prints `CONFORMANCE FOLDER TIER PASSED/TOTAL`, adds the same as a line of JSON to `$PLUE_CONFORMANCE_REPORT`, and
    /// fails when fewer than `share` of the cases passed. The folder may be another one than ours: no count is known.
    public static func report(_ folder: String, _ tier: String, _ passed: Int, of total: Int, atLeast share: Double = 1)
    {
        print("CONFORMANCE \(folder) \(tier) \(passed)/\(total)")
        #expect(Double(passed) >= share * Double(total), "\(folder) \(tier): \(passed) of \(total)")
        guard let path = ProcessInfo.processInfo.environment["PLUE_CONFORMANCE_REPORT"], !path.isEmpty else { return }
        let record = #"{"folder":"\#(folder)","tier":"\#(tier)","passed":\#(passed),"total":\#(total)}"# + "\n"
        // One write to a file that is opened for appending: suites of several processes do not mix.
        guard let file = fopen(path, "a") else {
            Issue.record("\(path) cannot be written")
            return
        }
        fputs(record, file)
        fclose(file)
    }

    public static func text(_ path: String) throws -> String {
        let root = try #require(root)
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    public static func json(_ path: String) throws -> ExpressionValue {
        try ExpressionValue(json: try text(path))
    }

    public static func files(_ folder: String, suffix: String) throws -> [String] {
        let root = try #require(root)
        return try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { $0.hasSuffix(suffix) }.sorted()
    }
}

extension ExpressionValue {
    public subscript(key: String) -> ExpressionValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    public var elements: [ExpressionValue] {
        if case .array(let array) = self { array.elements } else { [] }
    }

    public var pairs: [ExpressionObject.Pair] {
        if case .object(let object) = self { object.pairs } else { [] }
    }
}
