import Foundation
import Testing

@testable import Cryptography

@Suite struct KeyVariableTests {
    private func decode(_ text: String) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { KeyText.decode($0)?.bytes }
    }

    @Test func readsHexadecimalAndBase64() throws {
        for _ in 0..<200 {
            let bytes = try RandomBytes.bytes(32)
            let hex = bytes.map { String(format: "%02x", $0) }.joined()
            let base64 = Data(bytes).base64EncodedString()
            #expect(decode(hex) == bytes && decode(hex.uppercased()) == bytes && decode(base64) == bytes)
            for other in [hex + "0", "\(hex.dropLast())", hex + "\n", "\(base64.dropLast())", base64 + "="] {
                #expect(decode(other) == nil)
            }
            #expect(decode("\(hex.dropLast())g") == nil)
            #expect(decode("\(base64.dropLast(2))-=") == nil)
        }
        #expect(decode(String(repeating: "A", count: 43) + "=") == [UInt8](repeating: 0, count: 32))
        // Two bits that no byte takes up are zero in the one right spelling.
        #expect(decode(String(repeating: "A", count: 42) + "B=") == nil)
        #expect(decode("") == nil)
    }

    @Test func isMissingOrMalformed() {
        for name in ["PLUE_TEST_NO_SUCH_VARIABLE", "", "A=B"] {
            #expect(failure { _ = try RootKey.load(.environment(name: name)) }?.code == .keyMissing)
        }
    }

    /// In a process of its own, whose initial environment block is made to hold the variables: setting them in this one
    /// would race with the tests that read the environment. `scripts/test` runs it apart from the others: what watches
    /// such a process does not rest beside the processes that they start.
    @Test(.enabled(if: getenv("PLUE_TEST_APART") != nil, "run apart by scripts/test"))
    func isGoneAfterReading() async {
        await #expect(processExitsWith: .success) {
            let block = { try Data(contentsOf: URL(fileURLWithPath: "/proc/self/environ")) }
            let hex = String(repeating: "5ca1ab1e", count: 8)
            let entries = ["KEY=\(hex)", "BAD=5ca1ab1e-no", "KEY=\(hex)", "OTHER=stays"]
            let text = Data((entries.joined(separator: "\0") + "\0").utf8)
            guard (0..<entries.count).allSatisfy({ environ[$0] != nil }), let start = environ[0],
                try block().count >= text.count
            else { exit(2) }
            text.copyBytes(to: UnsafeMutableRawBufferPointer(start: start, count: text.count))
            var offset = 0
            for (index, entry) in entries.enumerated() {
                environ[index] = start + offset
                offset += entry.utf8.count + 1
            }
            environ[entries.count] = nil
            let secret = Data("5ca1ab1e".utf8)
            guard try block().range(of: secret) != nil, getenv("KEY") != nil else { exit(3) }

            let root = try RootKey.load(.environment(name: "KEY"))
            let bytes = (0..<8).flatMap { _ in [0x5c, 0xa1, 0xab, 0x1e] as [UInt8] }
            guard try root.keyCheckValue == RootKey(SecretBytes(bytes)).keyCheckValue else { exit(4) }
            let bad = failure { _ = try RootKey.load(.environment(name: "BAD")) }
            guard let bad, bad.code == .malformed, !"\(bad)".contains("5ca1") else { exit(5) }
            guard getenv("KEY") == nil, getenv("BAD") == nil else { exit(6) }
            guard try block().range(of: secret) == nil else { exit(7) }
            guard getenv("OTHER").map({ String(cString: $0) }) == "stays" else { exit(8) }
            let again = failure { _ = try RootKey.load(.environment(name: "KEY")) }
            guard again?.code == .keyMissing else { exit(9) }
            exit(0)
        }
    }
}
