import Foundation
import Testing

@testable import Cryptography

@Suite struct KeyFileTests {
    /// A new folder, gone afterwards.
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plue-key-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func code(_ path: String) -> CryptographyError.Code? {
        failure { _ = try RootKey.load(.file(path: path)) }?.code
    }

    @Test func isMadeForItsOwnerOnly() throws {
        try inFolder { folder in
            let path = folder + "/root.key"
            try RootKey.createFile(path)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(attributes[.size] as? Int == 32)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["root.key"])
            let first = try RootKey.load(.file(path: path))
            let again = try RootKey.load(.file(path: path))
            #expect(first.keyCheckValue == again.keyCheckValue)

            let error = failure { try RootKey.createFile(path) }
            #expect(error?.code == .keyFileExists && error?.subject == "key file \(path)")
            #expect(try RootKey.load(.file(path: path)).keyCheckValue == first.keyCheckValue)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["root.key"])
            try RootKey.createFile(folder + "/other.key")
            #expect(try RootKey.load(.file(path: folder + "/other.key")).keyCheckValue != first.keyCheckValue)
        }
    }

    @Test func isMadeOnceByMany() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plue-key-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let made = (try? RootKey.createFile(folder + "/root.key")) != nil
                    // Who lost finds the winner's key, complete.
                    return (try? RootKey.load(.file(path: folder + "/root.key"))) != nil && made
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["root.key"])
    }

    @Test func isRefusedWhenOthersMayReadIt() throws {
        try inFolder { folder in
            let path = folder + "/root.key"
            try RootKey.createFile(path)
            for mode in [0o644, 0o640, 0o604, 0o660, 0o700, 0o610, 0o601, 0o4600, 0o2600] as [mode_t] {
                #expect(chmod(path, mode) == 0)
                let error = failure { _ = try RootKey.load(.file(path: path)) }
                #expect(error?.code == .keyFilePermissions, "\(String(mode, radix: 8))")
                #expect(error?.message.contains("chmod 600 \(path)") == true)
            }
            for mode in [0o600, 0o400] as [mode_t] {
                #expect(chmod(path, mode) == 0)
                #expect(code(path) == nil)
            }
            if geteuid() == 0 {
                #expect(chown(path, 65534, 65534) == 0)
                #expect(code(path) == .keyFilePermissions)
            }
        }
    }

    @Test func isRefusedWhenItIsNoKey() throws {
        try inFolder { folder in
            #expect(code(folder + "/none") == .keyMissing)
            #expect(code(folder) == .malformed)
            let fifo = folder + "/fifo"
            #expect(mkfifo(fifo, 0o600) == 0)
            #expect(code(fifo) == .malformed)
            for count in [0, 31, 33, 1 << 20] {
                let path = folder + "/\(count)"
                try Data(count: count).write(to: URL(fileURLWithPath: path))
                #expect(chmod(path, 0o600) == 0)
                #expect(code(path) == .malformed)
            }
            #expect(failure { try RootKey.createFile(folder + "/none/root.key") }?.code == .keyFileAccess)
            #expect(code(folder + "/31/root.key") == .keyFileAccess)
        }
    }
}
