internal import Glibc
internal import Masking

/// `plue bench masking`: logs of jobs with 300 secrets, on one core. The floor copies the same bytes.
package struct MaskingBenchmark: Sendable {
    private let rounds: Int
    private let size: Int
    private static let secrets = 300

    /// `isQuick` measures fewer rounds of a shorter log.
    package init(isQuick: Bool) {
        rounds = isQuick ? 3 : 11
        size = (isQuick ? 4 : 32) << 20
    }

    package func lines() async throws -> [BenchmarkLine] {
        var random = SystemRandomNumberGenerator()
        let secrets = (0..<Self.secrets).map { _ in Self.word(16...40, &random) }
        var masker = Masker()
        masker.add(secrets)
        let samples = [
            ("a plain log", Self.log(size, &random) { _ in "" }, 100.0 as Double?),
            ("a log in colours", Self.log(size, &random) { _ in "\u{1b}[1;32m" }, 100),
            (
                "a log with a secret in each tenth line",
                Self.log(size, &random) { $0 % 10 == 0 ? secrets[$0 % 300] : "" }, 100
            ),
            ("beginnings of secrets alone", Self.log(size, &random) { "\(secrets[$0 % 300].dropLast())" }, nil),
        ]
        var lines: [BenchmarkLine] = []
        for (name, bytes, goal) in samples {
            let times = try await Alternating(
                rounds: rounds, [{ Self.copy(bytes) }, { [masker] in try Self.mask(bytes, masker) }])
            let megabytes = Double(bytes.count) / 1e6
            lines.append(
                Self.line(
                    "\(name), 300 secrets, in pieces of 64 KiB", "MB/s", megabytes / times.median(1),
                    floor: megabytes / times.median(0), goal: goal.map { .atLeast($0) }))
        }
        let building = try await Alternating(
            rounds: rounds,
            [
                {
                    Stopwatch.seconds {
                        var fresh = Masker()
                        fresh.add(secrets)
                    }
                }
            ])
        lines.append(Self.line("300 secrets made ready", "ms", building.median(0) * 1e3, goal: .atMost(100)))
        return lines
    }

    private static func line(
        _ name: String, _ unit: String, _ ours: Double, floor: Double? = nil, goal: Goal?
    ) -> BenchmarkLine {
        var line = BenchmarkLine(language: name, unit, ours, floor: floor, goal: goal)
        line.bench = "masking"
        return line
    }

    private static func copy(_ bytes: [UInt8]) -> Double {
        var target = [UInt8](repeating: 0, count: bytes.count)
        return Stopwatch.seconds {
            target.withUnsafeMutableBytes { target in
                bytes.withUnsafeBytes { source in
                    if let to = target.baseAddress, let from = source.baseAddress { memcpy(to, from, source.count) }
                }
            }
        }
    }

    private static func mask(_ bytes: [UInt8], _ masker: Masker) throws -> Double {
        var count = 0
        let seconds = Stopwatch.seconds {
            var stream = MaskStream()
            for from in stride(from: 0, to: bytes.count, by: 65_536) {
                count += stream.push(bytes[from..<min(from + 65_536, bytes.count)], masker).count
            }
            count += stream.finish(masker).count
        }
        guard count > 0 else { throw BenchmarkError("the masker lost its input") }
        return seconds
    }

    private static func log(
        _ size: Int, _ random: inout SystemRandomNumberGenerator, _ more: (Int) -> String
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 256)
        var number = 0
        while bytes.count < size {
            bytes +=
                "2026-01-01T00:00:00.\(number) \(more(number))[\(word(24...24, &random))] compiling module \(number)\n"
                .utf8
            number += 1
        }
        return bytes
    }

    private static func word(_ length: ClosedRange<Int>, _ random: inout SystemRandomNumberGenerator) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_@".utf8)
        let count = Int.random(in: length, using: &random)
        return String(
            decoding: (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }, as: UTF8.self
        )
    }
}
