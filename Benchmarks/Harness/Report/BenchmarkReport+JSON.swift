internal import WorkflowSyntax

extension BenchmarkReport {
    /// Version 1 of `result.json`; ``BenchmarkComparison`` reads it.
    var json: String {
        let databases = about.databases.map { name, version in
            Self.object([("name", .string(name)), ("version", .string(version))])
        }
        return Self.object([
            ("v", .number(1)), ("bench", .string("queue")), ("part", .string(about.part)),
            ("version", .string(about.version)), ("commit", about.commit.map { .string($0) } ?? .null),
            ("date", .string(about.date)),
            (
                "machine",
                Self.object([
                    ("cores", Self.number(about.machine.cores)), ("processor", .string(about.machine.processor)),
                    ("memory_bytes", .number(Double(about.machine.memoryBytes))),
                    ("system", .string(about.machine.system)),
                ])
            ),
            ("databases", Self.array(databases)),
            ("options", Self.object(about.options.map { ($0.name, .string($0.value)) })),
            ("faults", .number(faults.reduce(0) { $0 + $1.ours })),
            ("figures", Self.array(figures.map(Self.figure))), ("loads", Self.array(loads.map(Self.load))),
        ]).json(pretty: true) + "\n"
    }

    private static func figure(_ line: BenchmarkLine) -> ExpressionValue {
        object([
            ("database", line.database.map { .string($0) } ?? .null), ("name", .string(line.name)),
            ("unit", .string(line.unit)), ("ours", finite(line.ours)), ("floor", line.floor.map(finite) ?? .null),
            ("ratio", line.ratio.map(finite) ?? .null), ("goal", line.goal.map { .string($0.text) } ?? .null),
            ("met", line.isMet.map { .boolean($0) } ?? .null),
            ("better", line.better.map { .string($0.rawValue) } ?? .null),
        ])
    }

    private static func load(_ load: LoadResult) -> ExpressionValue {
        let seconds = load.seconds.enumerated().map { index, second in
            object([
                ("second", number(index + 1)), ("runs_created", number(second.created)),
                ("jobs_claimed", number(second.claimed)), ("jobs_completed", number(second.completed)),
                ("runs_concluded", number(second.concluded)), ("queue_depth", second.depth.map(number) ?? .null),
                ("open_jobs", second.open.map(number) ?? .null),
            ])
        }
        let times = LoadMeasure.allCases.compactMap { measure in
            load.times[measure].map { (measure.rawValue, histogram($0)) }
        }
        return object([
            ("database", .string(load.database)), ("runs", number(load.runs)), ("jobs", number(load.jobs)),
            ("concluded", number(load.concluded)), ("seconds_elapsed", finite(load.elapsed)),
            ("fairness", finite(load.fairness)), ("seconds", array(seconds)), ("microseconds", object(times)),
            (
                "repositories",
                array(
                    load.shares.map { share in
                        object([
                            ("name", .string(share.repository)), ("claims", number(share.claims)),
                            ("mean_wait_ms", finite(share.meanWait)),
                        ])
                    })
            ),
            (
                "calls",
                array(
                    load.costs.map { cost in
                        object([
                            ("kind", .string(cost.kind)), ("statements_per_job", finite(cost.statements)),
                            ("round_trips_per_job", finite(cost.roundTrips)),
                        ])
                    })
            ),
            ("faults", object(load.faults.all.map { ($0.name, number($0.count)) })),
        ])
    }

    private static func histogram(_ times: LatencyHistogram) -> ExpressionValue {
        let ranks = [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)]
        return object(
            [
                ("count", .number(Double(times.count))), ("min", .number(Double(times.least))),
                ("mean", finite(times.mean)),
            ]
                + ranks.map { ($0.0, .number(Double(times.percentile($0.1)))) } + [
                    ("max", .number(Double(times.greatest)))
                ]
        )
    }

    private static func object(_ pairs: [(String, ExpressionValue)]) -> ExpressionValue {
        .object(ExpressionObject(pairs))
    }

    private static func array(_ elements: [ExpressionValue]) -> ExpressionValue { .array(ExpressionArray(elements)) }

    private static func number(_ value: Int) -> ExpressionValue { .number(Double(value)) }

    private static func finite(_ value: Double) -> ExpressionValue { value.isFinite ? .number(value) : .null }
}
