import CLinux
import Foundation
import Model
import Services
import Testing

@testable import Execution

/// Jobs that start more processes than they may. Each bomb ends by itself at some thousand: what it may cost where the
/// limit does not work is known.
@Suite struct ProcessLimitTests {
    /// 2 to the power of `depth`, each of which does that.
    private static func bomb(_ depth: Int, via command: String = "", then work: String = "sleep 600") -> String {
        """
        - run: |
            cat > bomb <<'END'
            if [ $1 -gt 0 ]; then \(command) bash bomb $(($1 - 1)) & \(command) bash bomb $(($1 - 1)) & fi
            \(work)
            END
            bash bomb \(depth) > /dev/null 2>&1
        - {if: always(), run: touch $MARK}
        """
    }

    @Test(arguments: ["", "setsid", "setsid env -i PATH=/usr/bin:/bin"])
    func oneThatForksEndsAloneAndWhole(_ command: String) async throws {
        try #require(plue_become_subreaper() == 0)
        let folder = try TestFolder()
        async let other = TestJob().run(
            steps: """
                - run: 'sleep 300 & echo $! > background; for n in $(seq 40); do /bin/true; sleep 0.05; done'
                - run: kill -0 $(cat background) && echo fine
                """)
        var job = TestJob()
        job.maxProcesses = 150
        job.environment["MARK"] = "\(folder.path)/mark"
        let result = try await job.run(steps: "- run: echo $RUNNER_TRACKING_ID\n" + Self.bomb(10, via: command))
        #expect(result.conclusion == .failure && result.reason == .processLimit, "\(result.conclusion) \(result.log)")
        #expect(result.message?.contains("may have 150 processes (--max-processes)") == true, "\(result.message ?? "")")
        #expect(result.steps.map(\.conclusion) == [.success, .failure], "what follows does not run")
        #expect(result.annotations.map(\.message) == [result.message])
        #expect(folder.text("mark") == nil)
        let id = try #require(result.log(step: 1).first)
        #expect(ProcessKeeper.shared.members(of: id).isEmpty)
        let fine = try await other
        #expect(fine.conclusion == .success && fine.log(step: 2) == ["fine"], "\(fine.log)")
        let next = try await TestJob().run(steps: "- run: echo on")
        #expect(next.log(step: 1) == ["on"])
    }

    /// Each takes all the time that it is given, but for 20 s. Without a group whoever counts comes late.
    @Test(.enabled(if: ControlGroupHierarchy.parent != nil))
    func oneThatComputesIsRefusedMoreByTheSystem() async throws {
        ProcessKeeper.shared.makeGroups()
        try #require(plue_become_subreaper() == 0)
        var job = TestJob()
        job.maxProcesses = 150
        let work = "while [ $SECONDS -lt 20 ]; do :; done"
        let result = try await job.run(
            steps: "- run: echo $RUNNER_TRACKING_ID\n" + Self.bomb(12, then: work))
        #expect(result.reason == .processLimit, "\(result.conclusion) \(result.log)")
        let counts = (result.message ?? "").split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        // The kernel lets 300 be at once, of 4,096; whoever counts them one by one may meet some more.
        #expect(counts.count == 3 && counts[1] < 1_000, "\(result.message ?? "")")
        let id = try #require(result.log(step: 1).first)
        #expect(ProcessKeeper.shared.members(of: id).isEmpty)
    }

    @Test func asManyAsItMayHaveAreFine() async throws {
        var job = TestJob()
        job.maxProcesses = 150
        let result = try await job.run(
            steps: "- run: 'for n in $(seq 100); do sleep 3 & done; wait'")
        #expect(result.conclusion == .success, "\(result.message ?? "")")
    }

    @Test func noLimit() async throws {
        var job = TestJob()
        job.maxProcesses = 0
        let result = try await job.run(steps: "- run: 'for n in $(seq 300); do sleep 1 & done; wait'")
        #expect(result.conclusion == .success)
    }

    /// Steps of two jobs at once, each with processes that left it: each ends with its own job.
    @Test func whoseAnOrphanIs() async throws {
        try #require(plue_become_subreaper() == 0)
        let keeper = ProcessKeeper.shared
        let id = UUID().uuidString
        for name in ["\(id)-a", "\(id)-b"] { keeper.begin(name, limit: 0) { _, _ in } }
        func start(_ job: String) async throws {
            let spec = ProcessSpec(
                path: "/bin/bash",
                // Its environment says nothing, its session is the step's, its parent ends.
                arguments: ["bash", "-c", "( env -i /bin/sleep 600 & )"], environment: ["PATH=/usr/bin:/bin"],
                directory: "/", job: job)
            _ = try await ProcessReactor.shared.run(spec, started: { _ in }) { _, _ in }
        }
        try await start("\(id)-a")
        try await start("\(id)-b")
        let (a, b) = (keeper.members(of: "\(id)-a"), keeper.members(of: "\(id)-b"))
        #expect(a.count == 1 && b.count == 1 && a != b, "\(a) \(b)")
        keeper.end("\(id)-a")
        #expect(keeper.members(of: "\(id)-b") == b && a.allSatisfy { !Files.exists("/proc/\($0)") })
        keeper.end("\(id)-b")
        #expect(b.allSatisfy { !Files.exists("/proc/\($0)") })
    }
}
