import Foundation
import TestSupport
import Testing

/// Throws mutated inputs at a function for `PLUE_FUZZ_SECONDS` (2 when not set): it must neither crash nor hang. An input
/// that makes the function answer in a way not seen before is mutated further.
///
/// The input that is being tried stands in `$TMPDIR/plue-fuzz-NAME`, so that it is there after a crash: what was found
/// belongs into Fixtures/NAME, whose files are tried first.
struct Fuzzer {
    private static let longest = 8_192

    let name: String
    let samples: [String]
    /// Words that mean something to the function.
    let words: [String]

    private static var seconds: Double {
        ProcessInfo.processInfo.environment["PLUE_FUZZ_SECONDS"].flatMap(Double.init) ?? 2
    }

    private static var seed: UInt64 {
        ProcessInfo.processInfo.environment["PLUE_TEST_SEED"].flatMap { UInt64($0) }
            ?? .random(in: 0...UInt64(UInt32.max))
    }

    /// `answer` tells what kind of input it was: inputs of one kind give the same text.
    func run(_ answer: ([UInt8]) throws -> String) throws {
        let seed = Self.seed
        var generator = SeededGenerator(seed: seed)
        var corpus = try fixtures() + samples.map { Array($0.utf8) }
        var seen: Set<String> = []
        let place = try Place(name)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds)
        var count = 0
        // All of the corpus once as it is.
        while clock.now < end || count < corpus.count {
            let input =
                count < corpus.count && count < 1_000
                ? corpus[count] : mutated(corpus, &generator)
            count += 1
            place.keep(input)
            let began = clock.now
            let kind = try answer(input)
            let took = clock.now - began
            // Far above what any input takes on a busy machine.
            if took > .seconds(5) {
                Issue.record("fuzz \(name) PLUE_TEST_SEED=\(seed): \(took) for the input in \(place.path)")
                return
            }
            if corpus.count < 4_000, seen.insert(kind).inserted { corpus.append(input) }
        }
        print("fuzz \(name) PLUE_TEST_SEED=\(seed): \(count) inputs, \(seen.count) kinds, peak \(Self.peak >> 20) MiB")
        // Of the whole process, which does nothing else where the limit counts.
        if ProcessInfo.processInfo.environment["PLUE_FUZZ_SECONDS"] != nil {
            #expect(Self.peak <= 256 << 20, "fuzz \(name) PLUE_TEST_SEED=\(seed)")
        }
        place.remove()
    }

    private func fixtures() throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/\(name)")
        // A folder that is not there yet is one in which nothing was found.
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { [UInt8](try Data(contentsOf: $0)) }
    }

    /// Bytes.
    private static var peak: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }

    private func mutated(_ corpus: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var input = corpus.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let at = Int.random(in: 0...input.count, using: &generator)
            let length = min(input.count - at, Int.random(in: 0...40, using: &generator))
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: input.removeSubrange(at..<at + length)
            case 1: input.insert(contentsOf: Array((words.randomElement(using: &generator) ?? "").utf8), at: at)
            case 2: input.insert(UInt8.random(in: 0...255, using: &generator), at: at)
            case 3 where length > 0: input[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 4: input.insert(contentsOf: input[at..<at + length], at: at)
            case 5:
                let other = corpus.randomElement(using: &generator) ?? []
                let start = Int.random(in: 0...other.count, using: &generator)
                input.replaceSubrange(at..<at + length, with: other[start...].prefix(200))
            case 6:
                let word = Array((words.randomElement(using: &generator) ?? "").utf8)
                input.replaceSubrange(at..<at + length, with: word)
            default:
                let piece = Array(input[at..<at + length])
                let times = Int.random(in: 1...64, using: &generator)
                input.insert(contentsOf: (0..<times).flatMap { _ in piece }, at: at)
            }
        }
        return Array(input.prefix(Self.longest))
    }

    /// A file with the input of the moment.
    private struct Place {
        let path: String
        private let file: Int32

        init(_ name: String) throws {
            path = FileManager.default.temporaryDirectory.appendingPathComponent("plue-fuzz-\(name)-\(getpid())").path
            file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0o644)
            try #require(file >= 0)
        }

        func keep(_ input: [UInt8]) {
            ftruncate(file, off_t(input.count))
            _ = input.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        }

        func remove() {
            close(file)
            unlink(path)
        }
    }
}
