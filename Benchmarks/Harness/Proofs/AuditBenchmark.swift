internal import Glibc
internal import Model
internal import QueryBuilder
internal import Services
internal import Storage

/// `plue bench audit`: how fast the audit log is sealed and verified, and what sealing costs those who write.
package struct AuditBenchmark: Sendable {
    private let target: BenchmarkTarget
    private let rows: Int
    private let clients: Int
    private let seconds: Int
    private let rounds: Int

    /// - Parameters:
    ///   - rows: of the log that is sealed and verified.
    ///   - clients: that make runs at the same time, for so many seconds a round, in turns with and without a sealer.
    package init(_ target: BenchmarkTarget, rows: Int, clients: Int, seconds: Int, rounds: Int) {
        self.target = target
        self.rows = rows
        self.clients = clients
        self.seconds = seconds
        self.rounds = rounds
    }

    /// A round with the sealer keeps at least that much of the throughput.
    private static let goal = 0.85

    package func run(_ tell: (BenchmarkLine) -> Void) async throws {
        let key = "/tmp/plue-bench-\(getpid())-\(target.name).key"
        defer { unlink(key) }
        try await target.with("audit", connections: 4) { database in
            let services = try await Services.open(
                database.backend, migrations: target.migrations, keyring: SecretKeyring.file(key))
            try await fill(services)
            let sealing = try await Alternating.time { _ = try await services.audit.seal() }
            tell(line("rows sealed", "rows/s", Double(rows) / sealing))
            var problems = 0
            let verifying = try await Alternating.time { problems = try await services.audit.verify().problemCount }
            tell(line("rows verified", "rows/s", Double(rows) / verifying))
            tell(line("problems found in what nobody touched", "problems", Double(problems), goal: .atMost(0)))
        }
        try await target.with("writers", connections: clients) { database in
            let services = try await Services.open(
                database.backend, migrations: target.migrations, keyring: SecretKeyring.file(key))
            let request = try await QueueWork.request(
                "audit", QueueWork.file(jobs: 1), repository: "bench", services)
            _ = try await services.audit.seal()
            var (plain, sealed): ([Double], [Double]) = ([], [])
            for round in 0..<(rounds * 2) {
                let seals = round % 2 == 1
                let sealer = seals ? Task { await Self.seal(services) } : nil
                let rate = try await write(services, request)
                sealer?.cancel()
                await sealer?.value
                if seals { sealed.append(rate) } else { plain.append(rate) }
                // What the round without a sealer left is not the next one's burden.
                _ = try await services.audit.seal()
            }
            let (with, without) = (Alternating.median(sealed), Alternating.median(plain))
            tell(
                line(
                    "runs made by \(clients) clients beside a sealer", "runs/s", with, floor: without,
                    ratio: with / without, goal: .atLeast(Self.goal)))
        }
    }

    private func line(
        _ name: String, _ unit: String, _ ours: Double, floor: Double? = nil, ratio: Double? = nil, goal: Goal? = nil
    ) -> BenchmarkLine {
        var line = BenchmarkLine(target.name, name, unit, ours, floor: floor, ratio: ratio, goal: goal)
        line.bench = "audit"
        return line
    }

    /// As servers do.
    private static func seal(_ services: Services) async {
        while !Task.isCancelled {
            _ = try? await services.audit.seal(.recent)
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        }
    }

    /// Runs a second.
    private func write(_ services: Services, _ request: RunRequest) async throws -> Double {
        let end = ContinuousClock.now + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        _ = try await services.runs.create(request, by: .system)
                        count += 1
                    }
                    return count
                }
            }
            var sum = 0
            for try await count in group { sum += count }
            return sum
        }
        return Double(count) / Double(seconds)
    }

    /// Rows with bodies, as the log has them.
    private func fill(_ services: Services) async throws {
        let batch = 1_000
        for start in stride(from: 0, to: rows, by: batch) {
            let count = min(batch, rows - start)
            try await services.backend.transaction { db in
                let now: Timestamp = try db.one(Select("\(.now) AS at"))["at"]
                let month = Int64(now.iso8601.prefix(7).filter { $0 != "-" }) ?? 0
                let ids: [Int64] = try db.run(Reserve(count, of: "actions_audit_log")).map { row in try row["id"] }
                let log: [[any Bindable]] = ids.map { id in
                    [
                        id, SQL.now, "run.create", "create", "user", "octocat", "run", "\(id)", 1, "success", month,
                    ]
                }
                let bodies: [[any Bindable]] = ids.map { id in
                    [month, id, SQL.json(#"{"after":{"event":"push","number":\#(id),"workflow":"ci"}}"#)]
                }
                try db.runAll([
                    Insert("actions_audit_log").rows(
                        [
                            "id", "created_at", "action", "operation", "actor_kind", "actor", "object_kind",
                            "object_id", "repository_id", "outcome", "month",
                        ], log), Insert("actions_audit_bodies").rows(["month", "audit_id", "body"], bodies),
                ])
            }
        }
    }
}
