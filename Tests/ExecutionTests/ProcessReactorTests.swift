import Foundation
import Model
import Synchronization
import TestSupport
import Testing

@testable import Execution

/// Alone, so that the descriptors of other tests are not counted.
@Suite(.serialized) struct ProcessReactorTests {
    private final class Collector: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    private func run(
        _ script: String, environment: [String] = ["PATH=/usr/bin:/bin"], directory: String = "/"
    ) async throws -> (status: Execution.ExitStatus, output: [UInt8]) {
        let collector = Collector()
        let spec = ProcessSpec(
            path: "/bin/sh", arguments: ["sh", "-c", script], environment: environment, directory: directory)
        let (status, _) = try await ProcessReactor.shared.run(spec, started: { _ in }) { _, bytes in
            collector.bytes.withLock { $0 += bytes }
        }
        return (status, collector.bytes.withLock { $0 })
    }

    /// Of all processes that were waited for; a peak that plue itself had reached is not told.
    @Test func whatProcessesUsed() async throws {
        func use(_ script: String) async throws -> ResourceUse {
            let spec = ProcessSpec(
                path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"], directory: "/")
            return try await ProcessReactor.shared.run(spec, started: { _ in }) { _, _ in }.1
        }
        let idle = try await use("sleep 0.01")
        let busy = try await use("(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done) & wait")
        #expect(idle.cpuMicroseconds >= 0 && busy.cpuMicroseconds > idle.cpuMicroseconds)
        var own = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        let megabytes = Int(own.ru_maxrss) / 1_024 + 256
        let large = try await use("head -c \(megabytes)M /dev/zero | tail -c \(megabytes)M >/dev/null")
        let peak = try #require(large.peakMemoryBytes)
        #expect(peak >= Int64(megabytes) << 20 && peak < Int64(megabytes * 4) << 20)
        let none = ResourceUse(cpuMicroseconds: 1, peakMemoryBytes: nil)
        #expect(none + large == ResourceUse(cpuMicroseconds: 1 + large.cpuMicroseconds, peakMemoryBytes: peak))
    }

    @Test func thousandProcesses() async throws {
        let results = try await withThrowingTaskGroup(of: (Int, Execution.ExitStatus, String).self) { group in
            var results: [(Int, Execution.ExitStatus, String)] = []
            for index in 0..<1_000 {
                if index >= 16, let done = try await group.next() { results.append(done) }
                group.addTask {
                    let (status, output) = try await run("echo \(index); exit \(index % 7)")
                    return (index, status, String(decoding: output, as: UTF8.self))
                }
            }
            for try await done in group { results.append(done) }
            return results
        }
        #expect(results.count == 1_000)
        for (index, status, output) in results {
            #expect(status == .exited(Int32(index % 7)) && output == "\(index)\n")
        }
    }

    @Test func largeOutputIsIntactAndInOrder() async throws {
        // 8 bytes a line.
        let (status, output) = try await run("seq -f %07.0f 1 6553600")
        #expect(status == .exited(0))
        try #require(output.count == 52_428_800)
        let folder = try TestFolder()
        try Data(output).write(to: URL(fileURLWithPath: "\(folder.path)/output"))
        let compared = try await run("seq -f %07.0f 1 6553600 | cmp - output", directory: folder.path)
        #expect(compared.status == .exited(0), "\(String(decoding: compared.output, as: UTF8.self))")
    }

    @Test func backgroundChildDoesNotHoldTheStep() async throws {
        let (status, output) = try await run("sleep 3600 & echo $!")
        #expect(status == .exited(0))
        let pid = try #require(pid_t(String(decoding: output, as: UTF8.self).dropLast()))
        #expect(kill(pid, SIGKILL) == 0, "it still runs")
    }

    @Test func backgroundChildThatWritesForEverDoesNotHoldTheReactor() async throws {
        let (status, _) = try await run("yes & exit 3")
        #expect(status == .exited(3))
        #expect(try await run("echo on").output == Array("on\n".utf8))
    }

    @Test func codesAndSignals() async throws {
        for code in [0, 1, 2, 127, 255] as [Int32] {
            #expect(try await run("exit \(code)").status == .exited(code))
        }
        #expect(try await run("kill -9 $$").status == .signalled(9))
        #expect(try await run("kill -TERM $$").status.code == 143)
        #expect(try await run("ulimit -c 0; kill -SEGV $$").status == .signalled(11))
    }

    @Test func standardInputIsEmptyAndTheSessionIsItsOwn() async throws {
        #expect(try await run("cat; echo end").output == Array("end\n".utf8))
        let (_, output) = try await run("read -r _ _ _ _ _ sid _ < /proc/self/stat; echo $$ $sid")
        let parts = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        #expect(parts.count == 2 && parts[0] == parts[1])
    }

    private func message(_ spec: ProcessSpec) async -> String {
        do {
            _ = try await ProcessReactor.shared.run(spec, started: { _ in }) { _, _ in }
            return ""
        } catch {
            return error.message
        }
    }

    @Test func whatCannotStartIsExplained() async {
        let missing = await message(ProcessSpec(path: "/no/program", arguments: ["p"], environment: [], directory: "/"))
        #expect(missing.contains("/no/program") && missing.contains("No such file"))
        let folder = await message(
            ProcessSpec(path: "/bin/sh", arguments: ["sh"], environment: [], directory: "/no/dir"))
        #expect(folder.contains("working directory /no/dir does not exist"))
        let large = await message(
            ProcessSpec(
                path: "/bin/sh", arguments: ["sh", "-c", "true"],
                environment: ["A=1", "LARGE=" + String(repeating: "x", count: 200_000)], directory: "/"))
        #expect(large.contains("LARGE") && large.contains("200006"))
    }

    /// Who takes the output holds the masks of a job, with its secrets.
    @Test func whoTookTheOutputIsLetGoOf() async throws {
        weak var weakly: Collector?
        do {
            let collector = Collector()
            weakly = collector
            let spec = ProcessSpec(
                path: "/bin/sh", arguments: ["sh", "-c", "for n in 1 2 3 4 5; do echo $n; sleep 0.02; done"],
                environment: ["PATH=/usr/bin:/bin"], directory: "/")
            _ = try await ProcessReactor.shared.run(spec, started: { _ in }) { _, bytes in
                collector.bytes.withLock { $0 += bytes }
            }
        }
        for _ in 0..<3_000 where weakly != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(weakly == nil)
    }

    @Test func noDescriptorIsLeaked() async throws {
        _ = try await run("true")
        let before = Files.names(in: "/proc/self/fd").count
        for _ in 0..<200 {
            _ = try await run("echo out; echo error >&2; exit 1")
            _ = await message(ProcessSpec(path: "/no/program", arguments: ["p"], environment: [], directory: "/"))
        }
        let (_, inherited) = try await run("ls /proc/self/fd | wc -l")
        #expect(Files.names(in: "/proc/self/fd").count < before + 150, "other suites may hold some; a leak were 400")
        // 0, 1, 2 and the folder that is listed.
        #expect(String(decoding: inherited, as: UTF8.self).filter { !$0.isWhitespace } == "4")
    }
}
