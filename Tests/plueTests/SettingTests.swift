import Foundation
import Testing

/// Verbs that set something: before the first run, without an option, a second time.
@Suite struct SettingTests {
    @Test func aSettingMakesItsRepositoryKnown() throws {
        for arguments in [
            ["environment", "set", "production", "--reviewer", "octocat"],
            ["repository", "set", "--permissions", "write"],
            ["retention", "set", "logs", "30", "--repository", "."], ["queue", "pause", "why", "--repository", "."],
        ] {
            let sandbox = try Sandbox()
            let set = try plue(sandbox, arguments)
            #expect(set.code == 0, "\(arguments): \(set)")
            let known = try sandbox.plue("repository", "list", "--json").records
            #expect(known.compactMap { $0?["name"] as? String } == ["local/repo"], "\(arguments): \(known)")
            try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo a}]}\n")
            #expect(try sandbox.plue("run").code == 0)
            #expect(try sandbox.plue("repository", "list", "--json").records.count == 1)
        }
        let nowhere = try Sandbox(git: false)
        let refused = try nowhere.plue("environment", "set", "production")
        #expect(refused.code != 0 && refused.err.contains("is not in a git repository"), "\(refused)")
        #expect(try nowhere.plue("queue", "pause", "x", "--repository", ".").code == 64)
    }

    @Test func theSettingsOfARepositoryAreShown() throws {
        let sandbox = try Sandbox()
        let unknown = try sandbox.plue("repository", "set")
        #expect(unknown.code == 64 && unknown.err.contains("nothing of this repository is stored yet"), "\(unknown)")
        #expect(try sandbox.plue("repository", "set", "--archived", "--fork-approval", "never").code == 0)
        let shown = try sandbox.plue("repository", "set")
        let rows = shown.out.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(shown.code == 0 && rows.contains(["archived", "yes"]), "\(shown)")
        #expect(rows.contains(["fork-approval", "never"]) && rows.contains(["permissions", "read"]), "\(shown)")
    }

    @Test func aGroupIsSetToSomething() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.plue("runner", "group", "create", "gpu").code == 0)
        let bare = try sandbox.plue("runner", "group", "set", "gpu")
        #expect(bare.code == 64 && bare.err.contains("give --visibility"), "\(bare)")
        #expect(try sandbox.plue("runner", "group", "set", "gpu", "--allow-public").code == 0)
    }

    @Test func whatASecondOneReplacesIsSaid() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.plue("queue", "pause", "disk full").err.isEmpty)
        let second = try sandbox.plue("queue", "pause", "upgrade")
        #expect(second.code == 0, "\(second)")
        #expect(second.err.contains("takes the place of the pause by octocat"), "\(second)")
        #expect(second.err.contains("Z: disk full"), "\(second)")
        #expect(try sandbox.plue("queue", "resume").code == 0)
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo a}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        for held in [["1"], ["--repository", "."]] {
            #expect(try plue(sandbox, ["hold", "set"] + held + ["case 1"]).err.isEmpty)
            let again = try plue(sandbox, ["hold", "set"] + held + ["case 2"])
            #expect(again.code == 0 && again.err.contains("the place of the hold by octocat"), "\(again)")
            #expect(again.err.contains("Z: case 1"), "\(again)")
        }
        #expect(try sandbox.plue("hold", "list", "--json").records.count == 2)
    }

    @Test func anOrganizationIsAPositiveNumber() throws {
        let sandbox = try Sandbox()
        for arguments in [
            ["runner", "group", "create", "gpu", "--organization=0"], ["runner", "token", "--organization=-4"],
            ["runner", "jit", "one", "--organization=0"],
        ] {
            let result = try plue(sandbox, arguments)
            #expect(result.code == 64 && result.err.contains("expected a positive number"), "\(result)")
        }
        #expect(try sandbox.plue("runner", "group", "create", "gpu", "--organization", "4").code == 0)
        #expect(try sandbox.plue("runner", "token", "--help").out.contains("platform gives"))
    }

    private func plue(_ sandbox: Sandbox, _ arguments: [String]) throws -> Command.Result {
        try Command(Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment).finish()
    }
}
