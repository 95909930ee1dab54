import Foundation
import Testing

/// `plue access`, and the token of a job, as a user types them.
@Suite struct AccessVerbTests {
    @Test func rolesAreGivenAndTaken() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: ubuntu-latest, steps: [{run: echo a}]}")
        try sandbox.shell("git add -A; git commit -qm more")
        #expect(try sandbox.plue("run", "--progress", "quiet").code == 0)
        let open = try sandbox.plue("access", "list")
        #expect(open.code == 0 && open.err.contains("everybody may do everything"), "\(open)")
        let first = try sandbox.plue("access", "grant", "octocat", "admin")
        #expect(first.code == 64 && first.err.contains("--installation"), "\(first)")
        let admin = try sandbox.plue("access", "grant", "octocat", "admin", "--installation")
        #expect(admin.code == 0 && admin.err.contains("from now on"), "\(admin)")
        let eve = ["USER": "eve"]
        for arguments in [
            ["view", "1"], ["logs", "1"], ["rerun", "1"], ["cancel", "1"], ["runs"], ["access", "list"],
            ["audit", "prove", "1"],
        ] {
            let refused = try Command(
                Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment.merging(eve) { $1 }
            ).finish()
            #expect(refused.code == 4 && refused.err.contains("eve"), "\(arguments) \(refused)")
        }
        #expect(try sandbox.plue("run", with: eve).code == 4)
        #expect(try sandbox.plue("access", "grant", "eve", "wrote").code == 64)
        #expect(try sandbox.plue("access", "grant", "eve", "read").code == 0)
        #expect(try sandbox.plue("logs", "1", with: eve).out.contains("a"))
        #expect(try sandbox.plue("rerun", "1", with: eve).code == 4)
        #expect(try sandbox.plue("access", "check", "eve", "run.read").code == 0)
        let check = try sandbox.plue("access", "check", "eve", "run.rerun")
        #expect(check.code == 4 && check.err.contains("write"), "\(check)")
        #expect(try sandbox.plue("access", "check", "eve", "fly").code == 64)
        let more = try sandbox.plue("access", "grant", "Eve", "write")
        #expect(more.code == 0 && more.err.contains("instead of read"), "\(more)")
        #expect(try sandbox.plue("rerun", "1", "--progress", "quiet", with: eve).code == 0)
        let records = try sandbox.plue("access", "list", "--json").records
        #expect(records.map { $0?["role"] as? String } == ["write", "admin"], "\(records)")
        let last = try sandbox.plue("access", "revoke", "octocat", "--installation")
        #expect(last.code == 64 && last.err.contains("last admin"), "\(last)")
        #expect(try sandbox.plue("access", "revoke", "eve").code == 0)
        let opened = try sandbox.plue("access", "revoke", "octocat", "--installation")
        #expect(opened.code == 0 && opened.err.contains("everything again"), "\(opened)")
        #expect(try sandbox.plue("rerun", "1", "--progress", "quiet", with: eve).code == 0)
        let denied = try sandbox.plue("audit", "list", "--action", "auth.denied", "--json").records
        #expect(denied.count > 5 && denied.allSatisfy { $0?["outcome"] as? String == "denied" }, "\(denied)")
        #expect(try sandbox.plue("doctor").code == 0)
    }

    /// Verbs that copy, check or replace all of the database.
    @Test func copiesOfEverythingTakeAnAdministrator() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: ubuntu-latest, steps: [{run: echo a}]}")
        #expect(try sandbox.plue("run").code == 0)
        #expect(try sandbox.plue("access", "grant", "octocat", "admin", "--installation").code == 0)
        #expect(try sandbox.plue("access", "grant", "eve", "write").code == 0)
        #expect(try sandbox.plue("backup", "own.db").code == 0)
        let verbs = [
            ["backup", "b.db"], ["db", "export", "e"], ["doctor"], ["audit", "seal"], ["audit", "verify"],
            ["restore", "--force", "own.db"],
        ]
        for (name, value, word) in [
            ("USER", "eve", "eve"), ("PLUE_JOB_TOKEN", "", "is empty"), ("PLUE_JOB_TOKEN", "x", "token"),
        ] {
            for verb in verbs {
                let refused = try Command(
                    Binary.path, verb, in: sandbox.repository,
                    environment: sandbox.environment.merging([name: value]) { $1 }
                ).finish()
                #expect(
                    refused.code == (word == "is empty" ? 64 : 4) && refused.err.contains(word), "\(verb) \(refused)")
            }
        }
        #expect(!sandbox.exists("b.db") && !sandbox.exists("e"))
        for verb in verbs {
            let done = try Command(
                Binary.path, verb, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            #expect(done.code == 0, "\(verb) \(done)")
        }
        let rows = try sandbox.plue("audit", "list", "--json").records
        // The log is the backup's now, in which the later copies were not yet.
        #expect(rows.count { $0?["action"] as? String == "database.export" } == 1, "\(rows)")
        #expect(rows.first??["action"] as? String == "database.restore", "\(rows)")
        let modes = try sandbox.shell("stat -c %a e b.db '\(sandbox.database)'").out
        #expect(modes == "600\n600\n600\n", "what holds everything is for its owner alone: \(modes)")
        #expect(try sandbox.plue("doctor").code == 0)
    }

    /// A job under a server uses its token as `gh` would, and nobody uses it when the job has ended.
    @Test func aJobUsesItsToken() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
            on: push
            permissions: {actions: write}
            jobs:
              a:
                runs-on: ubuntu-latest
                steps:
                  - env:
                      PLUE_JOB_TOKEN: ${{ github.token }}
                      SAME: ${{ secrets.GITHUB_TOKEN == github.token }}
                    run: |
                      echo "$PLUE_JOB_TOKEN $SAME" | tee $HOME/token
                      \(Binary.path) view 1 --json > $HOME/view
                      cd / && \(Binary.path) runs --json > $HOME/runs
                      \(Binary.path) cancel 1
                      \(Binary.path) audit list || echo "audit: $?"
                      \(Binary.path) rerun 1 --detach
              b:
                needs: a
                permissions: {actions: read}
                runs-on: ubuntu-latest
                steps:
                  - env: {PLUE_JOB_TOKEN: "${{ github.token }}"}
                    run: '\(Binary.path) cancel 1 || echo "cancel: $?"'
              c:
                needs: b
                runs-on: ubuntu-latest
                steps: [{run: 'echo "nothing in the environment: ${PLUE_JOB_TOKEN-}"'}]
            """)
        try sandbox.workflow(
            "on: workflow_dispatch\njobs:\n  z: {runs-on: nowhere, steps: [{run: echo z}]}\n", file: "wait.yml")
        try sandbox.shell("git add -A; git commit -qm more")
        #expect(try sandbox.plue("run", "workflow_dispatch", "--detach").code == 0)
        #expect(try sandbox.plue("run", "--detach").code == 0)
        // From here on the runner's user is nobody's: what the job does it does by its token.
        #expect(try sandbox.plue("access", "grant", "root", "admin", "--installation").code == 0)
        let root = ["USER": "root"]
        let server = try sandbox.start("runner", "start", "--inherit", "XDG_*", with: root)
        defer { server.signal(SIGKILL) }
        _ = try sandbox.plue("watch", "2", with: root)
        let log = try sandbox.plue("logs", "2", with: root).out
        let saved = sandbox.text("token").split(separator: " ").map(String.init)
        let token = try #require(saved.first)
        // Whoever has one asks the database that gave it: none is made where there is none.
        let elsewhere = try sandbox.plue(
            "view", "1", with: ["PLUE_JOB_TOKEN": token, "XDG_DATA_HOME": "\(sandbox.root)/x"])
        #expect(elsewhere.code == 64 && elsewhere.err.contains("there is no database at"), "\(elsewhere)")
        #expect(!sandbox.exists("../x"))
        #expect(token.hasPrefix("pluej_") && saved.last?.hasPrefix("true") == true, "\(saved)")
        #expect(!log.contains(token) && log.contains("***"), "\(log)")
        #expect(log.contains("audit: 4") && log.contains("cancel: 4"), "\(log)")
        #expect(log.contains("nothing in the environment: \n"), "\(log)")
        #expect(sandbox.text("view").contains("\"id\": 1"), "\(sandbox.text("view"))")
        // Its own repository's, wherever it stands.
        #expect(sandbox.text("runs").components(separatedBy: "\"run_number\":").count == 3, "\(sandbox.text("runs"))")
        #expect(try sandbox.plue("view", "1", "--json", with: root).out.contains("\"run_attempt\": 2"))
        let late = try sandbox.plue("view", "1", with: ["PLUE_JOB_TOKEN": token])
        #expect(late.code == 4 && late.err.contains("token"), "\(late)")
        let acted = try sandbox.plue("audit", "list", "--action", "run.cancel", "--json", with: root).records
        #expect(
            acted.first??["actor_kind"] as? String == "job" && acted.first??["token_id"] as? String != nil, "\(acted)")
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
        #expect(try sandbox.plue("doctor", with: root).code == 0)
    }
}
