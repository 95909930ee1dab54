internal import Model
internal import Services

/// Pages of history beside little and much data, in turns.
struct ReadBenchmark {
    let target: BenchmarkTarget
    let isQuick: Bool

    private struct Stage {
        let data: ScaleData
        let database: BenchmarkDatabase
        let services: Services
    }

    private var sizes: [Int] { isQuick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000] }

    func lines() async throws -> [BenchmarkLine] {
        var stages: [Stage] = []
        do {
            for size in sizes { stages.append(try await stage(size)) }
            var lines: [BenchmarkLine] = []
            for read in HistoryRead.allCases { lines += try await self.lines(read, stages) }
            for stage in stages { try await stage.database.remove() }
            return lines
        } catch {
            for stage in stages { try? await stage.database.remove() }
            throw error
        }
    }

    private func stage(_ size: Int) async throws -> Stage {
        let database = try await target.database("read\(size)")
        do {
            let services = try await Services.open(database.backend, migrations: target.migrations)
            let data = ScaleData(runs: size, jobs: 1, lines: size, isWhole: false)
            try await data.load(database.backend)
            return Stage(data: data, database: database, services: services)
        } catch {
            try? await database.remove()
            throw error
        }
    }

    /// Time and what is read, each beside the smallest stage.
    private func lines(_ read: HistoryRead, _ stages: [Stage]) async throws -> [BenchmarkLine] {
        let times = try await Alternating(
            rounds: isQuick ? 15 : 41, warmUp: 3,
            stages.map { stage in
                { try await Alternating.time { try await read.run(stage.data, stage.services) } }
            })
        var costs: [OperationCost] = []
        for stage in stages {
            costs.append(try await CostMeter(stage.database).cost { try await read.run(stage.data, $0) })
        }
        var lines: [BenchmarkLine] = []
        for (index, stage) in stages.enumerated() {
            let name = "\(read.rawValue), \(Figure.text(Double(stage.data.runs))) \(read.unit)"
            let isLast = index == stages.count - 1
            lines.append(
                BenchmarkLine(
                    target.name, name, "µs", times.median(index) * 1e6,
                    floor: index == 0 ? nil : times.median(0) * 1e6,
                    ratio: index == 0 ? nil : times.ratio(index, to: 0), goal: isLast ? .atMost(2) : nil))
            lines.append(cost(name, target.rowsUnit, costs[index].rows, costs[0].rows, index, isLast))
            // Indexes have a level more; a small table is read whole.
            lines.append(cost(name, target.blocksUnit, costs[index].blocks, costs[0].blocks, index, false))
        }
        return lines
    }

    private func cost(
        _ name: String, _ unit: String, _ ours: Int, _ smallest: Int, _ index: Int, _ isLast: Bool
    ) -> BenchmarkLine {
        BenchmarkLine(
            target.name, name, unit, Double(ours), floor: index == 0 ? nil : Double(smallest),
            ratio: index == 0 ? nil : Double(ours) / Double(max(1, smallest)), goal: isLast ? .atMost(2) : nil)
    }
}
