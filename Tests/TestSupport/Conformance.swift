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
