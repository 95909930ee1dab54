import Cryptography
import Model
import Storage
import Testing

@testable import Services

/// What a runner that masks nothing says of a job with secrets, as it is stored and told.
@Suite struct MaskingTests {
    /// Its middle is no hexadecimal number: ids and digests are random.
    private static let canary = "canary-zqxwvkj-\"é"
    private static let runner = Principal(.runner, "one")

    @Test(arguments: TestDatabase.allCases, [false, true])
    func theServiceMasksWhatTheRunnerDidNot(_ database: TestDatabase, goesOn: Bool) async throws {
        try await database.with { backend in
            let root = try RootKey(try RandomBytes.secret(RootKey.length))
            let services = try await Services.open(
                backend, migrations: database.migrations, keyring: SecretKeyring(.key(root)))
            let engine = try await Engine(services, location: "/r")
            let secrets = try #require(services.secrets)
            var bytes = Array(Self.canary.utf8)
            try await secrets.set(
                "TOKEN", SecretBytes(consuming: &bytes), of: .repository(engine.repository.id), by: Engine.principal)
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let claim = message.assignment
            _ = try await secrets.values(for: claim.token, by: Self.runner)

            try await services.runners.report(Self.reports(0), of: claim, by: Self.runner)
            let completion = try Completion(
                claim.token, .failure, message: "no \(Self.canary)",
                outputs: [("o", "x\(Self.canary)"), ("p", "fine")], reports: (claim, Self.reports(1)))
            if goesOn {
                let next = try await services.runners.complete(
                    completion, thenClaimFor: engine.runner.id, by: Self.runner)
                #expect(next.isEmpty)
            } else {
                try await services.runners.complete(completion, by: Self.runner)
            }
            #expect(services.masks.mask(Self.reports(2), of: claim.token).count == 5)

            for table in try await backend.read({ db in try db.tables(matching: "actions%") }) {
                for row in try await engine.rows("SELECT * FROM \(table)") {
                    for name in row.columns.names {
                        let value = try row.value(name)
                        var text = "\(value)"
                        if case .blob(let bytes) = value { text = String(decoding: bytes, as: UTF8.self) }
                        #expect(!text.contains("zqxwvkj"), "\(table).\(name)")
                    }
                }
            }
            let job = try #require(
                try await engine.rows("SELECT outputs, status_message FROM actions_job_executions").first)
            let (outputs, said): (String, String?) = (try job["outputs"], try job["status_message"])
            #expect(outputs.contains("fine") && !outputs.contains("\"o\"") && said == "no ***")
            // As many bytes as the runner counted: the next chunk begins where it said.
            let lines = try await services.logs.read(message.execution.id)
            let stars = String(repeating: "*", count: Self.canary.utf8.count)
            #expect(lines.first?.text == "a \(stars) b")
            let whole = try await services.logs.bytes(message.execution.id, from: 0, count: 1 << 20)
            #expect(whole.count == 2 * Self.size, "no hole between the chunks")
        }
    }

    /// A text of PostgreSQL has none: what a step prints must not stop its job.
    @Test(arguments: TestDatabase.allCases)
    func aNULIsReplacedWhereNoTextCanHoldIt(_ database: TestDatabase) async throws {
        try await Engine.with(database) { engine in
            try await engine.create("  a: {runs-on: x, steps: [{run: a}]}")
            let message = try #require(try await engine.claim(1).first)
            let reports = Self.reports(0, "a\0b")
            try await engine.services.runners.complete(
                Completion(
                    message.assignment.token, .success, message: "a\0b", outputs: [("o", "a\0b")],
                    reports: (message.assignment, reports)), by: Self.runner)
            let execution = message.execution.id
            let steps = try await engine.services.history.steps(of: execution)
            #expect(steps.map(\.name) == ["say a\u{fffd}b"])
            let annotations = try await engine.services.history.annotations(of: execution)
            #expect(annotations.map(\.message) == ["m a\u{fffd}b"])
            let lines = try await engine.services.logs.read(execution)
            #expect(lines.first?.text == "a a\0b b")
        }
    }

    /// Nothing is known of a job any more once it has ended.
    @Test func secretsAreForgottenWithTheJob() async throws {
        let masks = JobMasks()
        let token = JobToken(executionID: ID(1), fencingToken: 1)
        let next = JobToken(executionID: ID(1), fencingToken: 2)
        func add(_ token: JobToken) {
            var bytes = Array(Self.canary.utf8)
            masks.add(["A": SecretBytes(consuming: &bytes)], for: token)
        }
        func hides(_ token: JobToken) -> Bool {
            let masked = masks.mask([.summary(step: 1, content: Self.canary)], of: token)
            if case .summary(_, let content)? = masked.first { return content == "***" }
            return false
        }
        add(token)
        #expect(hides(token) && !hides(next))
        add(next)
        masks.forget(token)
        #expect(!hides(token) && hides(next))
        masks.forget(next)
        #expect(!hides(next))
    }

    private static func lines(_ canary: String) -> [String] {
        let long = String(repeating: "-", count: LogService.lineLimit - 5) + canary + "-------"
        let bytes = Array(long.utf8)
        return [
            "a \(canary) b", String(decoding: bytes[..<LogService.lineLimit], as: UTF8.self),
            String(decoding: bytes[LogService.lineLimit...], as: UTF8.self),
        ]
    }
    private static let size = lines(canary).reduce(0) { $0 + $1.utf8.count + 1 }

    /// A step, with the secret in all that can hold one; also where a long line was divided.
    private static func reports(_ index: Int64, _ canary: String = canary) -> [JobReport] {
        var annotation = Annotation(.error, "m \(canary)")
        annotation.title = canary
        annotation.file = "\(canary).c"
        let records = lines(canary).map { LogLine(step: index + 1, stream: .stdout, microseconds: 5, text: $0) }
        return [
            .stepStarted(number: index + 1, name: "say \(canary)", contextName: "s", action: nil, at: 1),
            .log(sequence: index, firstLine: index * 3 + 1, firstByte: index * Int64(size), records),
            .annotation(step: index + 1, annotation), .summary(step: index + 1, content: "s \(canary)"),
            .stepFinished(
                StepResult(
                    number: index + 1, name: "say \(canary)", outcome: .failure, conclusion: .failure, exitCode: 1,
                    milliseconds: 1, use: nil), logFirstLine: index * 3 + 1, logLineCount: 3, at: 2),
        ]
    }
}
