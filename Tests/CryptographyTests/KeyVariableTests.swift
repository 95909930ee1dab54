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

    /// In a process of its own, which has the variables from its start.
    @Test func isGoneAfterReading() async {
        let hex = String(repeating: "5ca1ab1e", count: 8)
        setenv("PLUE_TEST_ROOT_KEY", hex, 1)
        setenv("PLUE_TEST_ROOT_KEY_BAD", "5ca1ab1e-not-a-key", 1)
        setenv("PLUE_TEST_ROOT_KEY_OTHER", "stays", 1)
        await #expect(processExitsWith: .success) {
            let initial = { try Data(contentsOf: URL(fileURLWithPath: "/proc/self/environ")) }
            let secret = Data("5ca1ab1e".utf8)
            // The variable was in the initial block, so that its absence proves something.
            guard try initial().range(of: secret) != nil else { exit(2) }
            let root = try RootKey.load(.environment(name: "PLUE_TEST_ROOT_KEY"))
            let bytes = (0..<8).flatMap { _ in [0x5c, 0xa1, 0xab, 0x1e] as [UInt8] }
            guard try root.keyCheckValue == RootKey(SecretBytes(bytes)).keyCheckValue else { exit(3) }
            let bad = failure { _ = try RootKey.load(.environment(name: "PLUE_TEST_ROOT_KEY_BAD")) }
            guard let bad, bad.code == .malformed, !"\(bad)".contains("5ca1") else { exit(4) }
            guard getenv("PLUE_TEST_ROOT_KEY") == nil, getenv("PLUE_TEST_ROOT_KEY_BAD") == nil else { exit(5) }
            guard try initial().range(of: secret) == nil else { exit(6) }
            guard getenv("PLUE_TEST_ROOT_KEY_OTHER").map({ String(cString: $0) }) == "stays" else { exit(7) }
            let again = failure { _ = try RootKey.load(.environment(name: "PLUE_TEST_ROOT_KEY")) }
            guard again?.code == .keyMissing else { exit(8) }
            exit(0)
        }
        for suffix in ["", "_BAD", "_OTHER"] { unsetenv("PLUE_TEST_ROOT_KEY" + suffix) }
    }
}
