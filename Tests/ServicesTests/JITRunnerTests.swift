import Model
import QueryBuilder
import Storage
import Testing

@testable import Services

/// Just-in-time runners: one start, one job.
@Suite struct JITRunnerTests {
    private static let host = RunnerCapabilities(
        maxParallelJobs: 8, supportedArchitectures: ["ARM64"], dockerEnabled: true, version: "9")

    private static func refusal(_ race: Race, _ text: String) async -> ServiceError? {
        do {
            _ = try await Services(backend: race.backend).runners.startJIT(
                text, capabilities: host, by: Race.principal)
            return nil
        } catch {
            return error as? ServiceError
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func aConfigurationStartsItsRunnerOnce(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            _ = try await services.runners.createGroup("g", by: Race.principal)
            let text =
                "on: push\njobs: {a: {runs-on: {group: g, labels: [arm64, docker, own]}, steps: [{run: a}]}}\n"
            for _ in 0..<2 {
                _ = try await services.runs.create(race.request(try Engine.source(text)), by: Race.principal)
            }
            var registration = RunnerRegistration(name: "jit", labels: ["Own"])
            registration.group = "G"
            let made = try await services.runners.generateJITConfig(registration, by: Race.principal)
            #expect(made.runner.isEphemeral && made.runner.status == .offline && made.runner.group?.name == "g")
            let stored = try await race.backend.read { db in
                try db.run(Select("sha256").from("actions_jit_configs")).map { row in try row["sha256"] as String }
            }
            let config = try JITConfig(made.encoded)
            #expect(stored == [config.sha256] && config.text == made.encoded && config.runner == made.runner.id)
            // Of another process, which has seen the runner without its labels.
            let other = Services(backend: race.backend)
            await #expect(throws: ServiceError.self) {
                try await other.queue.claim(made.runner.id, limit: 1, by: Race.principal)
            }
            let started = try await other.runners.startJIT(
                made.encoded, capabilities: Self.host, by: Race.principal)
            #expect(started.labels == ["arm64", "docker", "linux", "own", "self-hosted"])
            #expect(started.capabilities.supportedArchitectures == ["arm64"] && started.maxParallelJobs == 1)
            #expect(await Self.refusal(race, made.encoded)?.message.contains("it was used") == true)
            _ = try await other.runners.updateStatus(started.id, .online, by: Race.principal)
            let taken = try await other.queue.claim(started.id, limit: 5, by: Race.principal)
            #expect(taken.count == 1, "one job")
            #expect(try await other.queue.claim(started.id, limit: 5, by: Race.principal).isEmpty)
            try await other.runners.complete(taken[0].assignment.token, .success, by: Race.principal)
            try await other.runners.unregisterKnown(started.id, by: Race.principal)
            #expect(await Self.refusal(race, made.encoded)?.code == .forbidden)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func oldAndForeignOnesAreRefused(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let services = Services(backend: race.backend)
            let made = try await services.runners.generateJITConfig(
                RunnerRegistration(name: "late"), by: Race.principal)
            for text in ["", "x", "e30=", Base64.encode(Array("[1]".utf8)), String(repeating: "A", count: 5000)] {
                #expect(await Self.refusal(race, text)?.code == .invalidInput, "\(text.prefix(20))")
            }
            // The id alone opens nothing.
            let guessed = JITConfig(runner: made.runner.id).text
            #expect(await Self.refusal(race, guessed)?.code == .forbidden)
            try await race.backend.transaction { db in
                _ = try db.run(
                    Update("actions_jit_configs").set("created_at", .now(plus: .seconds(-3601)))
                        .set("expires_at", .now(plus: .seconds(-1))).where("1 = 1"))
            }
            #expect(await Self.refusal(race, made.encoded)?.message.contains("too old") == true)
            try await services.runners.reap(by: Race.principal)
            #expect(try await services.runners.list(by: Race.principal).items.isEmpty, "nobody can start it")
            // Its process ended before it was online.
            let silent = try await services.runners.generateJITConfig(
                RunnerRegistration(name: "silent"), lifetime: .milliseconds(300), by: Race.principal)
            _ = await Self.refusal(race, silent.encoded)
            try await Task.sleep(for: .milliseconds(400))
            try await services.runners.reap(by: Race.principal)
            #expect(try await services.runners.list(by: Race.principal).items.isEmpty)
        }
    }

    @Test func base64() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar", "ÿþ🦆"] {
            #expect(Base64.decode(Base64.encode(Array(text.utf8))) == Array(text.utf8))
        }
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        for text in ["Zg=", "Zg", "Zg==Zg==", "Z===", "====", "Z*==", "Zm9v\n"] { #expect(Base64.decode(text) == nil) }
    }
}
