import Foundation
import Testing

/// Hostile files through the program: refused, with little memory.
@Suite struct LimitTests {
    private static let files: [(String, @Sendable () -> String, String)] = [
        ("brackets", { String(repeating: "[", count: 250_000) }, "yaml-depth"),
        ("braces", { String(repeating: "{a: ", count: 62_500) }, "yaml-depth"),
        ("a bomb of aliases", bomb, "yaml-nodes"),
        ("many nodes", { "on: push\nx: [" + String(repeating: "x,", count: 500_000) + "]" }, "yaml-nodes"),
        ("too large", { "on: push\n#" + String(repeating: "x", count: 30 << 20) }, "file-too-large"),
    ]

    @Sendable private static func bomb() -> String {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(String(repeating: "*a\(level - 1),", count: 10))]\n"
        }
        return text
    }

    /// At most 64 MiB are resident.
    @Test(arguments: files.indices) func areRefused(_ index: Int) throws {
        let (name, text, code) = Self.files[index]
        let sandbox = try Sandbox(git: false)
        try sandbox.write("w.yml", text())
        let measured = """
            import resource, subprocess, sys
            code = subprocess.run(sys.argv[1:]).returncode
            print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            """
        let result = try Command(
            "/usr/bin/env", ["python3", "-c", measured, Binary.path, "validate", "--format", "json", "w.yml"],
            in: sandbox.repository, environment: sandbox.environment
        ).finish()
        let last = result.out.split(separator: "\n").last?.split(separator: " ").compactMap { Int($0) } ?? []
        try #require(last.count == 2, "\(name): \(result)")
        #expect(last[0] == 5 && result.out.contains("\"\(code)\""), "\(name): \(result.out.suffix(500))")
        #expect(last[1] <= 64 << 10, "\(name): \(last[1]) KiB")
    }

    /// A matrix of 256 jobs is planned; of one of 257 it is said that the job fails, which is what happens to it.
    @Test(arguments: [256, 257]) func aMatrixOfTheFile(_ count: Int) throws {
        let sandbox = try Sandbox()
        let values = (0..<count).map(String.init).joined(separator: ",")
        try sandbox.workflow("  a: {strategy: {matrix: {v: [\(values)]}}, runs-on: x, steps: [{run: x}]}\n")
        let plan = try sandbox.plue("plan", "--json")
        let refusal = "The matrix generates more than 256 jobs"
        #expect(plan.code == 0 && plan.out.contains(refusal) == (count > 256), "\(plan.err) \(plan.out.suffix(300))")
        guard count > 256 else { return }
        let run = try sandbox.plue("run")
        #expect(run.code == 1 && (run.out + run.err).contains(".github/workflows/ci.yml:3:3: \(refusal)"), "\(run)")
    }

    /// Ten levels with the caller, 50 files beside it.
    @Test(arguments: [(10, 1, ""), (11, 1, "10 levels deep"), (2, 50, ""), (2, 51, "a run may call 50 files")])
    func calls(_ levels: Int, _ width: Int, _ refusal: String) throws {
        let sandbox = try Sandbox()
        for level in 1...levels {
            var jobs = "  z: {runs-on: x, steps: [{run: x}]}\n"
            if level < levels {
                for name in 0..<width { jobs += "  c\(name): {uses: ./.github/workflows/f\(level + 1)-\(name).yml}\n" }
            }
            for name in 0..<width {
                let file = level == 1 ? "ci.yml" : "f\(level)-\(name).yml"
                try sandbox.workflow("on: \(level == 1 ? "push" : "workflow_call")\njobs:\n\(jobs)", file: file)
            }
        }
        let result = try sandbox.plue("plan")
        #expect((result.code == 0) == refusal.isEmpty, "\(result)")
        #expect(refusal.isEmpty || result.err.contains(refusal), "\(result)")
    }
}
