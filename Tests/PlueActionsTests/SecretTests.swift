import Cryptography
import Foundation
import Model
import Storage
import Testing

@testable import PlueActions

@Suite struct SecretTests {
    private static let canary = "canary-5d21'\"\\\u{1f600}"

    private static func bytes(_ text: String) -> SecretBytes {
        var bytes = Array(text.utf8)
        return SecretBytes(consuming: &bytes)
    }

    private static func text(_ bytes: SecretBytes?) -> String? {
        bytes.map { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    /// A platform with a key file in a folder of its own.
    private func with(_ database: ActionsDatabase, _ body: (Platform, String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plue-key-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let key = folder.appendingPathComponent("root.key").path
        try await database.with(keyFile: key) { actions in
            let platform = try await Platform(actions, name: "cat")
            try await body(platform, key)
            try await platform.check()
        }
    }

    @Test(
        "11. secrets: encrypted at rest, access controlled, handed to the job, each access audited",
        arguments: ActionsDatabase.allCases)
    func secrets(_ database: ActionsDatabase) async throws {
        try await with(database) { platform, key in
            let (actions, by) = (platform.actions, Platform.user)
            let owner = SecretOwner.repository(platform.repository.id)
            #expect(!FileManager.default.fileExists(atPath: key))
            try await actions.setSecret("deploy_key", Self.bytes(Self.canary), of: owner, by: by)
            let attributes = try FileManager.default.attributesOfItem(atPath: key)
            #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.size] as? Int == 32)
            #expect(try await actions.listSecrets(of: owner, by: by).map(\.name) == ["DEPLOY_KEY"])
            // Encrypted at rest: no row of any table holds it.
            for table in try await actions.tables(matching: "actions_%") {
                for row in try await platform.rows("SELECT * FROM \(table)") {
                    for column in row.columns.names {
                        #expect(!"\(try row.value(column))".contains("canary-5d21"), "\(table).\(column)")
                    }
                }
            }
            _ = try await platform.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
            let runner = try await platform.runner()
            let job = try #require(try await platform.claim(runner).first)
            let holder = Principal(.runner, runner.name)
            let values = try await actions.readSecrets(for: job.token, by: holder)
            #expect(Self.text(values["DEPLOY_KEY"]) == Self.canary && !"\(values)".contains("canary"))
            #expect(await Platform.code { _ = try await actions.readSecrets(for: job.token, by: by) } == .forbidden)
            #expect(
                await Platform.code {
                    try await actions.setSecret("X", Self.bytes("x"), of: owner, by: holder)
                } == .forbidden)
            try await platform.complete(job)
            #expect(
                await Platform.code { _ = try await actions.readSecrets(for: job.token, by: holder) }
                    == .staleAssignment)
            try await actions.deleteSecret("deploy_key", of: owner, by: by)
            #expect(
                await Platform.code { try await actions.deleteSecret("deploy_key", of: owner, by: by) } == .notFound)
            #expect(try await platform.audited("secret.create") == 1)
            #expect(try await platform.audited("secret.read") == 3)
            #expect(try await platform.audited("secret.delete") == 1)
        }
    }

    @Test("14. secrets' access control", arguments: ActionsDatabase.allCases)
    func accessControl(_ database: ActionsDatabase) async throws {
        try await with(database) { platform, _ in
            let (actions, by) = (platform.actions, Platform.user)
            let member = try await Platform(actions, name: "member", organization: 7)
            let stranger = try await Platform(actions, name: "stranger", organization: 8)
            let organization = SecretOwner.organization(7)
            try await actions.setSecret("ALL", Self.bytes("for-all"), of: organization, visibility: .all, by: by)
            try await actions.setSecret("SOME", Self.bytes("for-some"), of: organization, visibility: .selected, by: by)
            try await actions.setSecret("ALL", Self.bytes("own"), of: .repository(stranger.repository.id), by: by)
            let runner = try await platform.runner()
            let holder = Principal(.runner, runner.name)
            func read(_ owner: Platform) async throws -> [String: String] {
                _ = try await owner.run(jobs: "  a: {runs-on: x, steps: [{run: a}]}")
                let job = try #require(try await owner.claim(runner, 1).first)
                let values = try await actions.readSecrets(for: job.token, by: holder).compactMapValues(Self.text)
                try await owner.complete(job)
                return values
            }
            #expect(try await read(member) == ["ALL": "for-all"])
            #expect(try await read(stranger) == ["ALL": "own"])
            #expect(try await read(platform) == [:])
            try await actions.setSecretGranted(true, "some", of: 7, to: member.repository.id, by: by)
            #expect(try await read(member) == ["ALL": "for-all", "SOME": "for-some"])
        }
    }

    @Test(arguments: ActionsDatabase.allCases)
    func thereAreNoneWithoutAKeyFile(_ database: ActionsDatabase) async throws {
        try await Platform.with(database) { platform in
            let owner = SecretOwner.repository(platform.repository.id)
            let code = await Platform.code {
                try await platform.actions.setSecret("A", Self.bytes("value"), of: owner, by: Platform.user)
            }
            #expect(code == .unavailable)
        }
    }
}
