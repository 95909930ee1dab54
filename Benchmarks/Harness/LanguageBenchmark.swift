internal import CBenchmarkFloor
internal import WorkflowSyntax

/// `plue bench language`: files, expressions, patterns. Of one core.
package struct LanguageBenchmark: Sendable {
    private let rounds: Int

    /// `isQuick` measures fewer rounds.
    package init(isQuick: Bool) {
        rounds = isQuick ? 5 : 21
    }

    package func lines() async throws -> [BenchmarkLine] {
        try await files() + expressions() + json() + globs()
    }

    // MARK: - Files

    private func files() async throws -> [BenchmarkLine] {
        let texts = (0..<200).map(LanguageSample.workflow)
        let megabytes = Double(texts.reduce(0) { $0 + $1.utf8.count }) / 1e6
        let times = try await Alternating(
            rounds: rounds,
            [
                { try texts.reduce(0) { try $0 + Self.events($1) } },
                { try Stopwatch.seconds { for text in texts { _ = try YAMLReader.read(text) } } },
                { try Self.parse(texts, WorkflowParser()) },
                { try Self.parse(texts, WorkflowParser(linting: true)) },
            ])
        let floor = megabytes / times.median(0)
        func line(_ name: String, _ subject: Int, _ goal: Double?) -> BenchmarkLine {
            BenchmarkLine(
                language: name, "MB/s", megabytes / times.median(subject), floor: floor, goal: goal.map { .atLeast($0) }
            )
        }
        return [
            line("YAML to a located tree, beside libyaml's events alone", 1, 40), line("a checked workflow", 2, nil),
            line("a checked and linted workflow", 3, 20),
        ]
    }

    private static func events(_ text: String) throws -> Double {
        var text = text
        let nanoseconds = text.withUTF8 { plue_floor_yaml($0.baseAddress, $0.count) }
        guard nanoseconds >= 0 else { throw BenchmarkError("libyaml cannot read the sample") }
        return Double(nanoseconds) / 1e9
    }

    private static func parse(_ texts: [String], _ parser: WorkflowParser) throws -> Double {
        try Stopwatch.seconds {
            for text in texts {
                let result = parser.parse(text, file: "a.yml")
                guard result.workflow != nil, !result.diagnostics.contains(where: { $0.severity == .error }) else {
                    throw BenchmarkError("the sample is refused: \(result.diagnostics.map(\.message))")
                }
            }
        }
    }

    // MARK: - Expressions

    private func expressions() async throws -> [BenchmarkLine] {
        let context = ExpressionContext(values: [
            "github": .object(
                ExpressionObject([("ref", .string("refs/heads/main")), ("event_name", .string("push"))])),
            "matrix": .object(ExpressionObject([("os", .string("linux")), ("version", .number(3))])),
        ])
        let count = 100_000
        return try await [
            "github.ref == 'refs/heads/main'", "matrix.version > 2 && github.event_name != 'pull_request'",
            "format('{0}-{1}', matrix.os, matrix.version)",
        ].asyncMap { source in
            let expression = try Expression(source)
            let times = try await Alternating(
                rounds: rounds,
                [
                    {
                        try Stopwatch.seconds {
                            for _ in 0..<count { _ = try expression.evaluate(in: context) }
                        }
                    }
                ])
            return BenchmarkLine(
                language: "evaluate \(source)", "M/s", Double(count) / times.median(0) / 1e6, goal: .atLeast(1))
        }
    }

    private func json() async throws -> [BenchmarkLine] {
        let text = LanguageSample.json(bytes: 1 << 20)
        let value = try ExpressionValue(json: text)
        let megabytes = Double(text.utf8.count) / 1e6
        let write = try Expression("toJSON(x.value)")
        let read = try Expression("fromJSON(x.text)")
        let context = ExpressionContext(
            values: ["x": .object(ExpressionObject([("value", value), ("text", .string(text))]))],
            maximumMemory: 1 << 30)
        let times = try await Alternating(
            rounds: rounds,
            [
                { try Stopwatch.seconds { _ = try write.evaluate(in: context) } },
                { try Stopwatch.seconds { _ = try read.evaluate(in: context) } },
            ])
        let written = Double(value.json(pretty: true).utf8.count) / 1e6
        return [
            BenchmarkLine(language: "toJSON of 1 MiB", "MB/s", written / times.median(0), goal: .atLeast(50)),
            BenchmarkLine(language: "fromJSON of 1 MiB", "MB/s", megabytes / times.median(1), goal: .atLeast(50)),
        ]
    }

    // MARK: - Patterns

    private func globs() async throws -> [BenchmarkLine] {
        let pattern = FilterPattern("**/*a" + String(repeating: "**/*a", count: 30))
        let short = String(repeating: "a/", count: 500) + "b"
        let long = String(repeating: "a/", count: 5_000) + "b"
        let times = try await Alternating(
            rounds: rounds,
            [
                { Stopwatch.seconds { for _ in 0..<10 { _ = pattern.matches(short) } } },
                { Stopwatch.seconds { _ = pattern.matches(long) } },
            ])
        return [
            BenchmarkLine(
                language: "**/*a 30 times on a path of 10,001 characters, beside ten of 1,001", "ms",
                times.median(1) * 1e3, floor: times.median(0) * 1e3, ratio: times.ratio(1, to: 0), goal: .atMost(1.5))
        ]
    }
}

extension Array {
    /// In order, one after the other.
    fileprivate func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
        var results: [T] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
