import Foundation
import Masking
import Model
import Services
import Storage
import TestSupport
import Testing

@testable import Execution

@Suite struct MaskingTests {
    /// The output of a step, and what the log has of it.
    private func logged(_ writes: [[UInt8]], secrets: [String]) async throws -> [String] {
        let claimed = try await TestJob().claim(
            workflow: "on: push\njobs: { j: { runs-on: self-hosted, steps: [{ run: 'true' }] } }\n")
        let masker = SharedMasker()
        for secret in secrets { masker.add(secret) }
        let output = StepOutput(
            step: 1, reporter: claimed.reporter, masker: masker, matchers: ProblemMatchers(), workspace: "/w",
            showsDebug: false, environment: { _ in nil })
        for write in writes { write.withUnsafeBytes { output.receive(.standardOutput, $0) } }
        _ = output.finish()
        let rest = try await claimed.reporter.finish()
        try await claimed.services.runners.report(
            rest, of: claimed.message.assignment, by: Principal(.runner, "test"))
        var lines: [String] = []
        while true {
            let more = try await claimed.services.logs.read(claimed.message.execution.id, after: Int64(lines.count))
            if more.isEmpty { break }
            lines += more.map(\.text)
        }
        await claimed.services.backend.close()
        return lines
    }

    @Test func splitAtEveryByte() async throws {
        let secret = "correct-hörse\nbattery staple"
        let text = Array("a correct-hörse b\nbattery staplecorrect-hörse\nend".utf8)
        for at in 0...text.count {
            let lines = try await logged([Array(text[..<at]), Array(text[at...])], secrets: [secret])
            #expect(lines == ["a *** b", "***", "end"], "\(at)")
        }
        let single = try await logged(text.map { [$0] }, secrets: [secret])
        #expect(single == ["a *** b", "***", "end"])
    }

    @Test func secretAcrossTheCutOfALongLine() async throws {
        let secret = "S3CR3T-" + String(repeating: "x1y2", count: 20)
        for offset in [32_700, 32_760, 32_767, 32_768, 65_500, 65_535] {
            let text = String(repeating: "-", count: offset) + secret + String(repeating: "-", count: 100_000) + "\n"
            let bytes = Array(text.utf8)
            let writes = stride(from: 0, to: bytes.count, by: 65_536).map {
                Array(bytes[$0..<min($0 + 65_536, bytes.count)])
            }
            let lines = try await logged(writes, secrets: [secret])
            #expect(lines.joined() == text.dropLast().replacing(secret, with: "***"), "\(offset)")
            #expect(lines.allSatisfy { $0.utf8.count <= LogService.lineLimit })
        }
    }

    /// One longer than the records of a log, as a secret of 48 KB is once it is encoded.
    @Test func longSecret() async throws {
        let secret = String((0..<48_000).map { _ in "abcdefghijklmnopqrstuvwxyz%".randomElement() ?? "a" })
        let forms = [secret, Data(secret.utf8).base64EncodedString()]
        for form in forms {
            let bytes = Array(
                (String(repeating: "-", count: 10_000) + form + String(repeating: "-", count: 90_000)).utf8)
            let writes = stride(from: 0, to: bytes.count, by: 65_536).map {
                Array(bytes[$0..<min($0 + 65_536, bytes.count)])
            }
            let text = try await logged(writes, secrets: [secret]).joined()
            #expect(text.replacing("-", with: "") == "***")
        }
    }

    @Test func longLineWithoutBreakIsDividedInBoundedMemory() async throws {
        func resident() -> Int {
            let text = Files.text("/proc/self/status") ?? ""
            let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
            return (Int(line.split(separator: " ").dropLast().last ?? "") ?? 0) << 10
        }
        let before = resident()
        let result = try await TestJob().run(steps: "- run: head -c 67108864 /dev/zero | tr '\\0' x")
        #expect(result.conclusion == .success)
        let size = result.log(step: 1).reduce(0) { $0 + $1.utf8.count }
        #expect(size > 60 << 20 && size <= 64 << 20)
        #expect(result.log.hasSuffix("the rest of it is left out") || size == 64 << 20)
        // The database in memory holds the 64 MiB, the result holds them once more.
        print("MEMORY a line of 64 MiB: \((resident() - before) >> 20) MiB more, database and result included")
        #expect(resident() - before < 1 << 30)
    }

    @Test func binaryOutputIsNoTrap() async throws {
        let bytes = [UInt8](repeating: 0x80, count: 400_000)
        let lines = try await logged(
            stride(from: 0, to: bytes.count, by: 65_536).map { Array(bytes[$0..<min($0 + 65_536, bytes.count)]) },
            secrets: ["some-secret"])
        #expect(lines.joined().unicodeScalars.count == 400_000)
        #expect(lines.allSatisfy { $0.utf8.count <= LogService.lineLimit })
    }
}
