import Foundation
import Testing

/// Which files `paths` looks at: those of the push or pull request that the event is.
@Suite struct PathFilterTests {
    /// `main` has `docs/a`, then `src/a`; `work` adds `src/b`, then `docs/b`.
    private func sandbox() throws -> (Sandbox, [String: String]) {
        let sandbox = try Sandbox()
        try sandbox.write(
            ".github/workflows/src.yml",
            """
            on: {push: {paths: ['src/**']}, pull_request: {paths: ['src/**']}}
            jobs: {a: {runs-on: x, steps: [{run: a}]}}
            """)
        let commits = try sandbox.shell(
            """
            add() { mkdir -p ${1%/*}; echo $1 >$1; git add $1; git commit -qm $1; echo $1=$(git rev-parse HEAD); }
            git add .; git commit -qm workflows; add docs/a; add src/a; git checkout -qb work; add src/b; add docs/b
            """)
        let pairs = commits.out.split(separator: "\n").map { $0.split(separator: "=").map(String.init) }
        return (sandbox, Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) }))
    }

    @Test func withoutABody() throws {
        let (sandbox, _) = try sandbox()
        #expect(try sandbox.plue("plan", "push").code == 3)
        let branch = try sandbox.plue("plan", "pull_request")
        #expect(branch.code == 0, "\(branch)")
        try sandbox.shell("git checkout -q main && echo x >docs/a")
        let docs = try sandbox.plue("plan", "pull_request")
        #expect(docs.code == 3 && docs.out.contains("docs/a"), "\(docs)")
        try sandbox.shell("echo x >src/a")
        #expect(try sandbox.plue("plan", "pull_request").code == 0)
        try sandbox.shell("git commit -qam both; git update-ref refs/remotes/origin/main HEAD~1")
        #expect(try sandbox.plue("plan", "pull_request").code == 0)
    }

    @Test func withABody() throws {
        let (sandbox, commits) = try sandbox()
        let unknown = String(repeating: "a", count: 40)
        let zero = String(repeating: "0", count: 40)
        func push(_ before: String, _ after: String, _ more: String = "") -> String {
            #"{"ref":"refs/heads/work","before":"\#(commits[before] ?? before)","after":"\#(commits[after] ?? after)"\#(more)}"#
        }
        func pull(_ base: String, _ head: String) -> String {
            #"{"action":"opened","pull_request":{"base":{"ref":"main","sha":"\#(commits[base] ?? base)"},"#
                + #""head":{"ref":"work","sha":"\#(commits[head] ?? head)"}}}"#
        }
        let docs = #","commits":[{"id":"1","added":["docs/z"],"modified":[],"removed":[]}]"#
        let rows: [(event: String, body: String, code: Int32)] = [
            ("push", push("src/a", "docs/b"), 0), ("push", push("src/b", "docs/b"), 3),
            ("push", push(zero, "docs/b"), 0), ("push", push(zero, "src/a"), 0), ("push", push(zero, "docs/a"), 3),
            ("push", push(unknown, "docs/b"), 0), ("push", push(unknown, "docs/b", docs), 3),
            ("push", push("--output=x", "docs/b"), 0),
            // Two dots would see that `src/b` is not there yet.
            ("pull_request", pull("docs/b", "docs/a"), 3), ("pull_request", pull("src/a", "docs/b"), 0),
            ("pull_request", pull("src/b", "docs/b"), 3), ("pull_request", pull(unknown, "docs/b"), 0),
        ]
        for (event, body, code) in rows {
            try sandbox.write("e.json", body)
            let result = try sandbox.plue("plan", event, "-e", "e.json")
            #expect(result.code == code, "\(event) \(body): \(result)")
        }
        #expect(!sandbox.exists("x"))
    }
}
