import Foundation
import Model
import Services
import Storage
import TestSupport
import Testing

@testable import Execution

@Suite struct MaskingTests {
    private func masker(_ secrets: String...) -> Masker {
        var masker = Masker()
        for secret in secrets { masker.add(secret) }
        return masker
    }

    @Test func overlappingAndAdjacentAreOne() {
        let masker = masker("abcdef", "defghi", "abcdefgh", "wxyz")
        #expect(masker.mask("-abcdefghi-") == "-***-")
        #expect(masker.mask("-abcdefwxyz-wxyz") == "-***-***")
        #expect(masker.mask("abcde fwxy") == "abcde fwxy")
    }

    @Test func linesOfASecret() {
        let masker = masker("first line\r\n  second line\nab\n")
        #expect(masker.mask("x first line y") == "x *** y")
        #expect(masker.mask("second line") == "***")
        #expect(masker.mask("ab") == "ab", "a short line would mask ordinary text")
    }

    @Test func secretsThatLookTheSameAreTwo() {
        // The letter é, and e with an accent: equal as text, not as bytes.
        let masker = masker("caf\u{e9}-secret", "cafe\u{301}-secret")
        #expect(masker.mask("caf\u{e9}-secret cafe\u{301}-secret") == "*** ***")
    }

    @Test func terminalCodesDoNotHideASecret() {
        let masker = masker("hunter22")
        #expect(masker.mask("a \u{1b}[31mhun\u{1b}[0mter22\u{1b}[1;2m b") == "a \u{1b}[31m***\u{1b}[1;2m b")
    }

    @Test func quotedForms() {
        let masker = masker("p@ss \"w\" <ö>&'x\\")
        for text in [
            "p%40ss%20%22w%22%20%3C%C3%B6%3E%26%27x%5C", "p@ss &quot;w&quot; &lt;ö&gt;&amp;&apos;x\\",
            "p@ss \\\"w\\\" <ö>&'x\\\\", "p@ss \"w\" <ö>&''x\\", "p@ss \"w\" <ö>&'\\''x\\",
        ] {
            #expect(masker.mask("[\(text)]") == "[***]", "\(text)")
        }
        let hex = Array("p@ss \"w\" <ö>&'x\\".utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        #expect(masker.mask(hex.joined()) == "***")
    }

    @Test func encodersDifferInTheSlashAndTheCaseOfDigits() {
        let masker = masker("p@ss/w x&y")
        for text in ["p%40ss%2Fw%20x%26y", "p%40ss%2fw%20x%26y", "p%40ss/w%20x%26y", "p@ss/w\\ x\\&y"] {
            #expect(masker.mask("[\(text)]") == "[***]", "\(text)")
        }
    }

    /// Every group of four characters that the secret alone decides is hidden, and the last group too where the secret
    /// ends the text.
    @Test func base64AtEveryAlignment() {
        for length in 8...19 {
            let secret = String("s3cr3t-Pa55phrase/+x".prefix(length))
            let masker = masker(secret)
            for prefix in 0...3 {
                for suffix in ["", "\n", "!", "yz", "more of it"] {
                    let start = String("abc".prefix(prefix))
                    let encoded = Data((start + secret + suffix).utf8).base64EncodedString()
                    for text in [
                        encoded,
                        encoded.replacingOccurrences(of: "+", with: "-")
                            .replacingOccurrences(of: "/", with: "_"),
                    ] {
                        let first = (prefix + 2) / 3
                        let last = suffix.isEmpty ? (prefix + length + 2) / 3 : (prefix + length) / 3
                        let start = text.prefix(first * 4) + "***"
                        let masked = masker.mask(text)
                        #expect(masked.hasPrefix(start), "\(masked) of \(text)")
                        // No more is seen than what others decide too; that may be hidden as well.
                        let rest = masked.dropFirst(start.count)
                        #expect(text.dropFirst(last * 4).hasSuffix(rest), "\(masked) of \(text)")
                        #expect(masker.mask("k: \(text)").hasPrefix("k: "))
                    }
                }
            }
        }
    }

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

    @Test func throughput() {
        var masker = Masker()
        var generator = SystemRandomNumberGenerator()
        func word() -> String {
            String((0..<24).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement(using: &generator) ?? "a" })
        }
        for _ in 0..<300 { masker.add(word()) }
        var text = ""
        while text.utf8.count < 4 << 20 { text += "2026-01-01T00:00:00 [\(word())] compiling module, 12 of 300 done\n" }
        let lines = text.split(separator: "\n").map(String.init)
        let whole = ContinuousClock().measure { #expect(masker.mask(text) == text) }
        let single = ContinuousClock().measure {
            for line in lines where masker.mask(line) != line { Issue.record("\(line)") }
        }
        func rate(_ time: Duration) -> Int { Int(Double(text.utf8.count) / (time / .seconds(1)) / 1e6) }
        print("THROUGHPUT masker, 300 secrets: \(rate(whole)) MB/s as one text, \(rate(single)) MB/s by lines")
    }
}
