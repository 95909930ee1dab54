import Cryptography
import Glibc
import Model
import Storage
import Testing

@testable import Services

/// Rotation of keys and another root key, while values are read.
@Suite struct KeyTests {
    private static let user = Engine.principal
    private static let runner = Principal(.runner, "one")

    private struct Lab {
        let engine: Engine
        let services: Services
        let secrets: SecretService
        let keys: KeyService
        let owner: SecretOwner

        /// What the job of `message` is given.
        func values(_ message: JobMessage, _ services: Services? = nil) async throws -> [String: String] {
            let store = try #require((services ?? self.services).secrets)
            return try await store.values(for: message.assignment.token, by: KeyTests.runner).mapValues { value in
                value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
        }

        func set(_ name: String, _ text: String) async throws {
            var bytes = Array(text.utf8)
            try await secrets.set(name, SecretBytes(consuming: &bytes), of: owner, by: KeyTests.user)
        }

        /// Values by the state of their key.
        func states() async throws -> [String: Int64] {
            let terms = try await keys.status(by: KeyTests.user)?.terms ?? []
            return terms.reduce(into: [:]) { $0[$1.state.rawValue, default: 0] += $1.values }
        }
    }

    private func with(
        _ database: TestDatabase, _ origin: RootKeyOrigin? = nil, _ body: (Lab) async throws -> Void
    ) async throws {
        try await database.with { backend in
            let origin = try origin ?? .key(try RootKey(try RandomBytes.secret(RootKey.length)))
            let services = try await Services.open(
                backend, migrations: database.migrations, keyring: SecretKeyring(origin))
            let engine = try await Engine(services, location: "/r")
            try await body(
                Lab(
                    engine: engine, services: services, secrets: try #require(services.secrets),
                    keys: try #require(services.keys), owner: .repository(engine.repository.id)))
            try await engine.check()
        }
    }

    /// The file of a root key in a folder of its own.
    private func withFile(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/plue-keys.XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        defer {
            for name in entries(folder) { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try await body("\(folder)/root.key")
    }

    private func entries(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    @Test(arguments: TestDatabase.allCases)
    func aRotationWrapsAllValuesAnew(_ database: TestDatabase) async throws {
        try await with(database) { lab in
            let none = await #expect(throws: ServiceError.self) { try await lab.keys.rotate(by: Self.user) }
            #expect(none?.code == .notFound)
            #expect(try await lab.keys.status(by: Self.user) == nil)
            for number in 0..<7 { try await lab.set("S\(number)", "value \(number)") }
            let before = try await lab.engine.rows("SELECT record FROM actions_secret_versions ORDER BY secret_id").map
            {
                try $0["record"] as [UInt8]
            }
            let rotation = try await lab.keys.rotate(by: Self.user)
            #expect(rotation.term == 2 && rotation.values == 7 && rotation.retired == [1] && !rotation.isResumed)
            let after = try await lab.engine.rows("SELECT record FROM actions_secret_versions ORDER BY secret_id").map {
                try $0["record"] as [UInt8]
            }
            // The value's own part is untouched: its nonce, ciphertext and tag.
            #expect(
                zip(before, after).allSatisfy { $0.suffix(16) == $1.suffix(16) && $0.prefix(100) != $1.prefix(100) })
            try await lab.engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await lab.engine.claim(1).first)
            let values = try await lab.values(message)
            #expect(values.count == 7 && values["S3"] == "value 3")
            let status = try #require(try await lab.keys.status(by: Self.user))
            #expect(status.terms.map(\.state) == [.retired, .active] && status.terms.map(\.values) == [0, 7])
            #expect(status.terms.map(\.wraps) == [7, 7])
            for principal in [Self.runner, Principal(.job, "a")] {
                let error = await #expect(throws: ServiceError.self) { try await lab.keys.rotate(by: principal) }
                #expect(error?.code == .forbidden)
            }
            let actions = try await lab.engine.rows(
                "SELECT action, outcome FROM actions_audit_log WHERE object_kind = 'key' ORDER BY id"
            ).map { "\(try $0["action"] as String) \(try $0["outcome"] as String)" }
            #expect(
                actions == [
                    "key.create success", "key.rotate success", "key.retire success",
                ])
        }
    }

    /// Killed between any two of its transactions: readers read all, and the next one finishes it.
    @Test(arguments: TestDatabase.allCases)
    func aRotationThatIsKilledIsFinished(_ database: TestDatabase) async throws {
        let root = try RootKey(try RandomBytes.secret(RootKey.length))
        try await with(database, .key(root)) { lab in
            // Rows of two owners, more than two batches of one transaction each.
            let count = 2 * KeyService.batch + 30
            for number in 0..<90 { try await lab.set("S\(number)", "value \(number)") }
            let organization = SecretOwner.organization(7)
            for number in 0..<(count - 90) {
                var bytes = Array("shared \(number)".utf8)
                try await lab.secrets.set(
                    "O\(number)", SecretBytes(consuming: &bytes), of: organization, visibility: .all, by: Self.user)
            }
            try await lab.engine.write("UPDATE actions_repositories SET organization_id = 7")
            try await lab.engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await lab.engine.claim(1).first)
            let all = try await lab.values(message)
            #expect(all.count == count && all["O500"] == "shared 500")
            var term: Int64 = 1
            for kill in 0... {
                let backend = CutBackend(lab.services.backend, after: kill)
                let killed = Services(backend: backend, keyring: SecretKeyring(.key(root)))
                let isWhole: Bool
                do {
                    _ = try await #require(killed.keys).rotate(by: Self.user)
                    isWhole = true
                } catch is CutBackend.Killed {
                    isWhole = false
                }
                // A server that knew the keys before, and one that begins now.
                let fresh = Services(backend: lab.services.backend, keyring: SecretKeyring(.key(root)))
                #expect(try await lab.values(message) == all, "killed after \(kill)")
                #expect(try await lab.values(message, fresh) == all, "killed after \(kill)")
                let states = try await lab.states()
                #expect(states.values.reduce(0, +) == count && states["retired", default: 0] == 0)
                if isWhole { break }
                let rotation = try await lab.keys.rotate(by: Self.user)
                // It made no other key than the one that was begun, unless all but its end was done.
                #expect(rotation.isResumed == (1...3).contains(kill), "killed after \(kill)")
                term += kill == 4 ? 2 : 1
                #expect(rotation.term == term, "killed after \(kill)")
                #expect(try await lab.states() == ["retired": 0, "active": Int64(count)])
            }
        }
    }

    /// Two rotations, writers and readers at once.
    @Test(arguments: TestDatabase.allCases)
    func rotationsMeetWritersAndReaders(_ database: TestDatabase) async throws {
        try await with(database) { lab in
            for number in 0..<40 { try await lab.set("S\(number)", "value \(number)") }
            try await lab.engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await lab.engine.claim(1).first)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask { for _ in 0..<4 { _ = try await lab.keys.rotate(by: Self.user) } }
                }
                group.addTask { for number in 0..<40 { try await lab.set("S\(number)", "other \(number)") } }
                for _ in 0..<2 {
                    group.addTask {
                        for _ in 0..<10 {
                            let values = try await lab.values(message)
                            #expect(values.count == 40)
                            for number in 0..<40 {
                                let value = try #require(values["S\(number)"])
                                #expect(value == "value \(number)" || value == "other \(number)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            _ = try await lab.keys.rotate(by: Self.user)
            #expect(try await lab.states() == ["retired": 0, "active": 40])
            #expect(try await lab.values(message)["S39"] == "other 39")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aKeyWrapsOnlySoMuch(_ database: TestDatabase) async throws {
        try await with(database) { lab in
            try await lab.set("A", "value")
            try await lab.engine.write(
                "UPDATE actions_encryption_keys SET wraps = \(SecretKeyring.wrapLimit - 1)")
            #expect(try await lab.keys.status(by: Self.user)?.terms.first?.isRotationDue == true)
            try await lab.set("A", "at the limit")
            let error = await #expect(throws: ServiceError.self) { try await lab.set("A", "above") }
            #expect(error?.code == .limit && error?.message.contains("plue key rotate") == true)
            _ = try await lab.keys.rotate(by: Self.user)
            try await lab.set("A", "again")
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func theRootKeyIsReplacedInItsFile(_ database: TestDatabase) async throws {
        try await withFile { path in
            try await with(database, .file(path)) { lab in
                try await lab.set("A", "value")
                _ = try await lab.services.audit.seal()
                let key = try await lab.services.audit.key()
                try await lab.engine.create("  a: {runs-on: x, steps: [{run: a}]}")
                let message = try #require(try await lab.engine.claim(1).first)
                let other = Services(backend: lab.services.backend, keyring: .file(path))
                #expect(try await lab.values(message, other) == ["A": "value"])
                let former = try #require(try await lab.keys.rekey(by: Self.user))
                #expect(former.hasPrefix("\(path).former-"))
                #expect(entries(String(path.dropLast("/root.key".count))).count == 2)
                // Who rekeyed, who ran on, and who begins.
                for services in [lab.services, other, Services(backend: lab.services.backend, keyring: .file(path))] {
                    #expect(try await lab.values(message, services) == ["A": "value"])
                    try await services.keys?.check()
                    #expect(try await services.audit.key() == key)
                    _ = try await services.audit.seal()
                }
                let old = Services(backend: lab.services.backend, keyring: .file(former))
                let outdated = await #expect(throws: CryptographyError.self) { try await old.keys?.check() }
                #expect(outdated?.code == .keyOutdated)
                #expect(try await lab.keys.status(by: Self.user)?.rootReplacedAt.count == 1)
                let back = await #expect(throws: ServiceError.self) {
                    try await lab.keys.rekey(to: .file(former), by: Self.user)
                }
                #expect(back?.code == .conflict)
                let report = try await lab.services.audit.verify()
                #expect(report.problems.isEmpty, "\(report.problems)")
            }
        }
    }

    /// Before its transaction, and after it, before the files have their places.
    @Test(arguments: TestDatabase.allCases)
    func aNewRootKeyThatWasInterruptedIsTakenUp(_ database: TestDatabase) async throws {
        try await withFile { path in
            try await with(database, .file(path)) { lab in
                try await lab.set("A", "value")
                try await lab.engine.create("  a: {runs-on: x, steps: [{run: a}]}")
                let message = try #require(try await lab.engine.claim(1).first)
                let killed = Services(backend: CutBackend(lab.services.backend, after: 0), keyring: .file(path))
                await #expect(throws: CutBackend.Killed.self) { try await killed.keys?.rekey(by: Self.user) }
                #expect(
                    try await lab.values(message, Services(backend: lab.services.backend, keyring: .file(path))).count
                        == 1)

                // The database has the new key, the file the old one.
                let next = RootKeyOrigin.next(path)
                _ = try await lab.keys.rekey(to: .file(next), by: Self.user)
                let fresh = Services(backend: lab.services.backend, keyring: .file(path))
                #expect(try await lab.values(message, fresh) == ["A": "value"])
                #expect(try await fresh.keys?.rekey(by: Self.user) != nil)
                #expect(access(next, F_OK) != 0)
                try await Services(backend: lab.services.backend, keyring: .file(path)).keys?.check()
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func wrongMissingAndOldKeysAreTold(_ database: TestDatabase) async throws {
        var passphrase = Array("correct horse battery staple".utf8)
        let words = SecretBytes(consuming: &passphrase)
        try await with(database, .passphrase(words)) { lab in
            try await lab.set("A", "value")
            let rows = try await lab.engine.rows("SELECT id FROM actions_audit_log").count
            func failure(_ origin: RootKeyOrigin) async throws -> CryptographyError.Code? {
                let services = Services(backend: lab.services.backend, keyring: SecretKeyring(origin))
                let errors = [
                    await #expect(throws: CryptographyError.self) { try await services.keys?.check() },
                    await #expect(throws: CryptographyError.self) {
                        try await services.secrets?.set("B", words, of: lab.owner, by: Self.user)
                    },
                ]
                #expect(errors[0]?.code == errors[1]?.code)
                return errors[0]?.code
            }
            var wrong = Array("correct horse battery stable".utf8)
            #expect(try await failure(.passphrase(SecretBytes(consuming: &wrong))) == .wrongKey)
            #expect(try await failure(.file("/nonexistent/root.key")) == .keyMissing)
            let old = try RootKey(try RandomBytes.secret(RootKey.length))
            #expect(try await failure(.key(old)) == .wrongKey)
            #expect(try await lab.engine.rows("SELECT id FROM actions_audit_log").count == rows)

            #expect(try await lab.keys.rekey(to: .key(old), by: Self.user) == nil)
            #expect(try await failure(.passphrase(words)) == .wrongKey)
            #expect(try await lab.keys.rekey(to: .key(try RootKey(try RandomBytes.secret(32))), by: Self.user) == nil)
            #expect(try await failure(.key(old)) == .keyOutdated)
            try await lab.set("A", "other")
        }
    }
}
