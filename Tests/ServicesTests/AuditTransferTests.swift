import Model
import Storage
import Synchronization
import Testing

@testable import Services

/// A sealed log is the same in the other database: what was signed there holds here.
@Suite struct AuditTransferTests {
    private final class Lines: Sendable {
        let text = Mutex<[[UInt8]]>([])
    }

    @Test(arguments: TestDatabase.allCases, TestDatabase.allCases)
    func aSealedLogMovesWithItsProof(_ source: TestDatabase, _ target: TestDatabase) async throws {
        try await AuditLab.with(source) { lab in
            try await lab.record(30)
            let note = try #require(try await lab.audit.seal().checkpoint)
            try await lab.record(5)
            let written = Lines()
            _ = try await lab.engine.services.transfer.export(migration: "0017_audit_seal") { line, isFirst in
                written.text.withLock { text in
                    if isFirst { text = [] }
                    text.append(Array(line.dropLast()))
                }
            }
            let lines = written.text.withLock { $0 }
            let keyring = lab.engine.services.keyring
            try await target.with { backend in
                let services = try await Services.open(backend, migrations: target.migrations, keyring: keyring)
                _ = try await services.transfer.import(migration: "0017_audit_seal") { lines.makeIterator() }
                var report = try await services.audit.verify()
                #expect(report.problems.isEmpty && report.unsealed == 5 && report.isKeyProven)
                let more = try await services.audit.seal()
                #expect(more.rows == 5 && more.checkpoint != note)
                report = try await services.audit.verify()
                #expect(report.problems.isEmpty && report.checkpoints == 2 && report.unsealed == 0)
            }
        }
    }
}
