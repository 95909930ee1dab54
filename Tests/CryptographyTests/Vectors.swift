import Foundation

@testable import Cryptography

/// The files beside the tests: `key = value` lines in blocks.
enum Vectors {
    static func text(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// A block begins with its count.
    static func blocks(_ name: String) throws -> [[String: String]] {
        var blocks: [[String: String]] = []
        for line in try text(name).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard let key = parts.first, !key.isEmpty else { continue }
            if key.lowercased() == "count" { blocks.append([:]) }
            guard !blocks.isEmpty else { continue }
            blocks[blocks.count - 1][key] = parts.count > 1 ? parts[1] : ""
        }
        return blocks
    }

    static func bytes(_ hex: String?) -> [UInt8] {
        let digits = (hex ?? "").compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    static func secret(_ hex: String?) -> SecretBytes { SecretBytes(bytes(hex)) }
}

extension SecretBytes {
    /// For tests, whose secrets are none.
    convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { target in target.copyBytes(from: bytes) }
    }

    var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// The error of a call that must fail.
func failure(_ body: () throws -> Void) -> CryptographyError? {
    do {
        try body()
        return nil
    } catch {
        return error as? CryptographyError
    }
}
