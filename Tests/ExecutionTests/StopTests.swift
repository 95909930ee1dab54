import CLinux
import Foundation
import Model
import Synchronization
import TestSupport
import Testing

@testable import Execution

@Suite struct StopTests {
    private static let quick = StopIntervals(interrupt: .milliseconds(100), terminate: .milliseconds(100))

    private final class Output: Sendable {
        let bytes = Mutex<[UInt8]>([])
        let pid = Mutex<pid_t>(0)

        var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

        /// Waits for a word, at most half a minute.
        func wait(for word: String) async throws {
            for _ in 0..<3_000 where !text.contains(word) { try await Task.sleep(for: .milliseconds(10)) }
            try #require(text.contains(word), "\(text)")
        }
    }

    private func start(
        _ script: String, tracking: String, _ output: Output, stop: StopSignal? = nil
    ) -> Task<Execution.ExitStatus, any Error> {
        let spec = ProcessSpec(
            path: "/bin/bash", arguments: ["bash", "-c", script],
            environment: ["PATH=/usr/bin:/bin", "RUNNER_TRACKING_ID=\(tracking)"], directory: "/")
        return Task.detached {
            let running = Mutex<RunningProcess?>(nil)
            let (status, _) = try await ProcessReactor.shared.run(
                spec,
                started: { pid in
                    let process = RunningProcess(pid: pid, intervals: stop?.intervals ?? Self.quick)
                    running.withLock { $0 = process }
                    stop?.track(process)
                },
                output: { _, bytes in output.bytes.withLock { $0 += bytes } })
            running.withLock { $0 }?.ended()
            return status
        }
    }

    private func isAlive(_ pid: pid_t) -> Bool {
        guard let stat = Files.text("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return false }
        return !stat[end...].hasPrefix(") Z")
    }

    @Test func interruptIsEnoughForMost() async throws {
        let output = Output()
        let stop = StopSignal(intervals: StopIntervals(interrupt: .seconds(600), terminate: .seconds(600)))
        let task = start(
            "trap 'echo bye; exit 5' INT; echo ready; sleep 600 & wait", tracking: "t_int", output, stop: stop)
        try await output.wait(for: "ready")
        stop.request(.cancelled)
        #expect(try await task.value == .exited(5))
        #expect(output.text == "ready\nbye\n")
    }

    @Test func whoIgnoresInterruptGetsTerminateThenKill() async throws {
        let polite = Output()
        // A busy machine may keep it from its last word.
        let stopping = StopSignal(intervals: StopIntervals(interrupt: .milliseconds(100), terminate: .seconds(600)))
        let terminated = start(
            "trap 'echo no' INT; trap 'echo term; exit 6' TERM; echo ready; while :; do sleep 0.02; done",
            tracking: "t_term", polite, stop: stopping)
        try await polite.wait(for: "ready")
        stopping.request(.cancelled)
        #expect(try await terminated.value == .exited(6))

        let stubborn = Output()
        let stop = StopSignal(intervals: Self.quick)
        let killed = start(
            "trap '' INT TERM; echo ready; while :; do sleep 0.02; done", tracking: "t_kill", stubborn, stop: stop)
        try await stubborn.wait(for: "ready")
        stop.request(.cancelled)
        #expect(try await killed.value == .signalled(SIGKILL))
    }

    @Test func secondRequestKillsAtOnce() async throws {
        let output = Output()
        let stop = StopSignal(intervals: StopIntervals(interrupt: .seconds(600), terminate: .seconds(600)))
        let task = start(
            "trap '' INT TERM; echo ready; while :; do sleep 0.02; done", tracking: "t_force", output, stop: stop)
        try await output.wait(for: "ready")
        stop.request(.cancelled)
        #expect(!stop.isForced)
        stop.request(.cancelled)
        #expect(stop.isForced)
        #expect(try await task.value == .signalled(SIGKILL))
    }

    @Test func whatLeftItsSessionIsKilledAtTheEndOfTheJobAndNothingElse() async throws {
        try #require(plue_become_subreaper() == 0)
        let id = UUID().uuidString
        let mine = Output()
        let other = Output()
        // Forked twice, a session of its own, its parent gone.
        let daemon = "( setsid bash -c 'echo $$; exec sleep 600' & ) ; sleep 0.2"
        _ = try await start(daemon, tracking: "\(id)-a", mine).value
        // An id that begins like the other's.
        _ = try await start(daemon, tracking: "\(id)-ab", other).value
        try await mine.wait(for: "\n")
        try await other.wait(for: "\n")
        let first = try #require(pid_t(mine.text.dropLast()))
        let second = try #require(pid_t(other.text.dropLast()))
        #expect(isAlive(first) && isAlive(second))
        ProcessKeeper.shared.end("\(id)-a")
        #expect(!isAlive(first))
        #expect(isAlive(second))
        #expect(ProcessTree.orphans(trackingPrefix: id).contains(second))
        ProcessKeeper.shared.end("\(id)-ab")
        #expect(!isAlive(second))
        #expect(!Files.exists("/proc/\(first)") && !Files.exists("/proc/\(second)"), "none stays a zombie")
    }

    @Test func aJobLeavesNothingBehind() async throws {
        try #require(plue_become_subreaper() == 0)
        let result = try await TestJob().run(steps: "- run: '( setsid sleep 600 & echo $! )'")
        #expect(result.conclusion == .success)
        let pid = try #require(pid_t(result.log(step: 1).first ?? ""))
        #expect(!isAlive(pid))
        #expect(Files.names(in: "\(result.workDirectory.path)/work").isEmpty)
    }

    @Test func timeoutEndsTheStep() async throws {
        var job = TestJob()
        job.stop = StopSignal(intervals: Self.quick)
        let result = try await job.run(
            steps: """
                - run: trap '' INT; while :; do sleep 0.02; done
                  timeout-minutes: 0.002
                - run: echo never
                - if: failure()
                  run: echo after
                """)
        #expect(result.steps.map(\.conclusion) == [.failure, .skipped, .success])
        #expect(result.annotations.contains { $0.message.contains("timeout-minutes") })
    }

    @Test func cancelRunsWhatAlwaysRuns() async throws {
        var job = TestJob()
        let stop = StopSignal(intervals: Self.quick)
        job.stop = stop
        let folder = try TestFolder()
        job.environment["DUMP"] = folder.path
        let canceller = Task.detached {
            while folder.text("ready") == nil { try await Task.sleep(for: .milliseconds(10)) }
            stop.request(.cancelled)
        }
        let result = try await job.run(
            steps: """
                - run: touch $DUMP/ready; sleep 600
                - run: echo never
                - if: always()
                  run: echo "always ${{ job.status }}"
                - if: cancelled()
                  run: echo cancelled
                - if: failure()
                  run: echo never
                """)
        try await canceller.value
        #expect(result.conclusion == .cancelled)
        #expect(result.steps.map(\.conclusion) == [.cancelled, .skipped, .success, .success, .skipped])
        #expect(result.log(step: 3) == ["always cancelled"])
    }
}
