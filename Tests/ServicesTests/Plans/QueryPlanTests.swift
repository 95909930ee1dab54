import BenchmarkHarness
import Foundation
import TestDatabases
import Testing

@testable import Services

/// The plans of the hot queries beside much data, read from the very statements that the services send: no big table is
/// read from end to end, and what is read has a bound. `PLUE_PLAN_SCALE=full`: 100,000 runs with a million jobs, and the
/// table of Benchmarks/Results/plans.md is written anew.
@Suite(.serialized) struct QueryPlanTests {
    private static let isFull = ProcessInfo.processInfo.environment["PLUE_PLAN_SCALE"] == "full"
    private static let data = ScaleData(
        runs: isFull ? 100_000 : 2000, jobs: 10, lines: isFull ? 1_000_000 : 100_000, isWhole: true)
    /// The most instructions of SQLite's machine for a row of PostgreSQL's bound.
    private static let stepsPerRow = 60
    /// The most rows that SQLite may step over in scans without an index.
    private static let scanned = 300

    @Test func hotQueriesUseTheirIndexes() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plue-plans-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var table = PlanTable(data: Self.data)
        try await read(.sqlite(folder: folder.path), into: &table)
        if TestServer.isExpected { try await read(.postgres(try TestServer.string()), into: &table) }
        print(table.text)
        if Self.isFull {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
            try table.text.write(
                to: root.appendingPathComponent("Benchmarks/Results/plans.md").standardizedFileURL, atomically: true,
                encoding: .utf8)
        }
    }

    private func read(_ target: BenchmarkTarget, into table: inout PlanTable) async throws {
        let fixture = try await PlanFixture(target, Self.data)
        for query in HotQuery.all {
            do {
                let cost = try await CostMeter(fixture.database).cost { try await query.run($0, fixture) }
                check(query, cost, target, fixture)
                table.add(query.name, cost, target)
            } catch {
                Issue.record("\(query.name): \(error)")
            }
        }
        try await fixture.database.remove()
    }

    private func check(_ query: HotQuery, _ cost: OperationCost, _ target: BenchmarkTarget, _ fixture: PlanFixture) {
        #expect(cost.statements > 0, "\(query.name) sent nothing")
        switch target {
        case .postgres:
            let scans = cost.fullScans.intersection(fixture.bigTables)
            #expect(scans.isEmpty, "\(query.name): \(cost.offenders)")
            // A table that is small is read whole.
            #expect(cost.rows <= query.rows + (Self.isFull ? 0 : PlanFixture.small), "\(query.name)")
        case .sqlite:
            // A table that is walked in its order until there are enough rows is not read to its end.
            #expect(cost.scanned <= Self.scanned, "\(query.name): \(cost.offenders)")
            #expect(cost.rows <= query.rows * Self.stepsPerRow, "\(query.name)")
        }
    }
}
