/// What a load test found.
package struct LoadResult: Sendable {
    /// A repository's part of the claims.
    package struct Share: Sendable {
        package var repository: String
        package var claims: Int
        /// Milliseconds in the queue, the mean.
        package var meanWait: Double
    }

    /// What one kind of call costs.
    package struct Cost: Sendable {
        /// `create`, `claim`, `complete`
        package var kind: String
        /// Of a job of the test, BEGIN and COMMIT counted.
        package var statements: Double
        package var roundTrips: Double
    }

    package var database: String
    package var options: LoadOptions
    package var runs: Int
    package var jobs: Int
    package var concluded: Int
    /// From the first run that was due to the end of the last job.
    package var elapsed: Double
    package var seconds: [LoadSecond]
    package var times: [LoadMeasure: LatencyHistogram]
    package var shares: [Share]
    package var costs: [Cost]
    package var faults: LoadFaults

    /// Jain's index of the repositories' mean waits in the queue, 1/n to 1: 1 when all wait equally long.
    package var fairness: Double { Self.jain(shares.map(\.meanWait)) }

    /// (Σx)² / (n Σx²); 1 of none and where all are 0.
    package static func jain(_ values: [Double]) -> Double {
        let (sum, squares) = (values.reduce(0, +), values.reduce(0) { $0 + $1 * $1 })
        return squares > 0 ? sum * sum / (Double(values.count) * squares) : 1
    }

    package var lines: [BenchmarkLine] {
        let name = options.rate.map { "load, \(Figure.text($0)) runs/s offered" } ?? "load, flat out"
        func line(_ what: String, _ unit: String, _ value: Double, _ goal: Goal? = nil) -> BenchmarkLine {
            BenchmarkLine(queue: database, "\(name): \(what)", unit, value, goal: goal)
        }
        var lines = [
            line("runs created, claimed, completed, concluded", "runs/s", Double(concluded) / elapsed),
            line("jobs completed", "jobs/s", Double(jobs) / elapsed),
        ]
        for measure in LoadMeasure.allCases {
            guard let times = times[measure], times.count > 0 else { continue }
            for (word, rank) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
                lines.append(line("\(measure.title), \(word)", "ms", Double(times.percentile(rank)) / 1_000))
            }
        }
        lines.append(line("Jain's index of the repositories' mean waits", "index", fairness))
        for cost in costs {
            lines.append(line("statements, \(cost.kind)", "a job", cost.statements))
            lines.append(line("round trips, \(cost.kind)", "a job", cost.roundTrips))
        }
        return lines + BenchmarkLine.faults(faults, database, name)
    }
}

extension BenchmarkLine {
    /// Of what must not happen at all.
    static let faultUnit = "faults"

    /// A figure of each fault, which must be 0.
    static func faults(_ faults: LoadFaults, _ database: String, _ name: String) -> [BenchmarkLine] {
        [
            ("jobs lost", faults.lost), ("jobs done twice", faults.doubled), ("jobs out of order", faults.outOfOrder),
            ("rules of the doctor that do not hold", faults.brokenRules),
        ].map { what, count in
            BenchmarkLine(queue: database, "\(name): \(what)", faultUnit, Double(count), goal: .atMost(0))
        }
    }
}
