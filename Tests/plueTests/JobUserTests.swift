import Foundation
import Testing

/// `plue runner start --user`: steps run as another user of the host.
@Suite struct JobUserTests {
    private static let user = "nobody"

    /// What a step can do as that user, and what of plue's it cannot reach. Everything that plue does in folders of the
    /// step's it does as that user too.
    @Test func stepsAreThatUsers() throws {
        guard geteuid() == 0 else { return }  // Only root runs steps as somebody else.
        let sandbox = try Sandbox()
        try sandbox.write("file", "committed\n")
        try sandbox.write("in/action.yml", "runs: {using: composite, steps: [{run: id -un, shell: bash}]}")
        try sandbox.write("../out/secret", "only-root-sees")
        try sandbox.workflow(
            """
              a:
                runs-on: ubuntu-latest
                outputs: {o: "${{ steps.s.outputs.o }}"}
                env: {ROOT: "\(sandbox.root)"}
                steps:
                  - {id: s, run: 'echo "o=$(id -un)-$(id -gn)-$(id -G)-$USER" >> $GITHUB_OUTPUT; echo "V=1" >> $GITHUB_ENV; cat file'}
                  - run: touch file new && echo err > /dev/stderr && test "$(stat -c %U file new $GITHUB_ENV . | sort -u)" = \(Self.user)
                  - {uses: actions/checkout@v4, with: {path: again}}
                  - run: test "$(stat -c %U again again/file again/.git/HEAD | sort -u)" = \(Self.user) && test "$V" = 1
                  - uses: ./in
                  - run: '! cat $ROOT/data/plue/plue.db && ! ls $ROOT/data/plue && ! cat /proc/$PPID/environ && ! kill -0 $PPID'
                  - run: ln -s $ROOT/out esc; ln -sf $ROOT/out/secret $GITHUB_ENV
                  - {uses: actions/checkout@v4, with: {path: esc/x}, continue-on-error: true}
                  - run: 'echo "::add-matcher::\(sandbox.root)/out/secret"'
                    continue-on-error: true
                  - run: echo "<${{ hashFiles('esc/*') }}>"
              b: {needs: a, runs-on: ubuntu-latest, steps: [{run: "echo got ${{ needs.a.outputs.o }}"}]}
            """)
        try sandbox.shell("git add -A; git commit -qm more")
        try sandbox.shell("chmod 755 ..; chmod 700 ../out")
        #expect(try sandbox.plue("run", "--detach").code == 0)
        try sandbox.shell("chmod 644 ../data/plue/plue.db*")
        let readable = try sandbox.plue("runner", "start", "--user", Self.user)
        #expect(readable.code == 6 && readable.err.contains("it can read \(sandbox.database)"), "\(readable)")
        try sandbox.shell("chmod 700 ../data/plue")
        let server = try sandbox.start("runner", "start", "--user", Self.user)
        #expect(sandbox.wait { (try? sandbox.plue("runs").out.contains("passed")) == true }, "\(server.err)")
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
        let log = try sandbox.plue("logs", "1").out
        #expect(log.contains("committed") && log.contains("got nobody-nogroup-65534-nobody"), "\(log)")
        #expect(!log.contains("only-root-sees") && log.contains("<>"), "\(log)")
        #expect(!FileManager.default.fileExists(atPath: "\(sandbox.root)/out/x"))
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.root)/cache/plue/work")
        #expect(left.isEmpty && sandbox.processes().isEmpty, "\(left)")
    }

    @Test func usersThatCannotBe() throws {
        let sandbox = try Sandbox()
        let refusals =
            geteuid() == 0 ? [("no-such-user-x", "no such user"), ("root", "it is root")] : [("root", "only root")]
        for (name, word) in refusals {
            let result = try sandbox.plue("runner", "start", "--user", name)
            #expect(result.code == 6 && result.err.contains(word), "\(result)")
        }
        guard geteuid() == 0 else { return }
        try sandbox.shell("chmod 700 ..")
        let closed = try sandbox.plue("runner", "start", "--user", Self.user)
        #expect(closed.code == 6 && closed.err.contains("it may not enter"), "\(closed)")
    }
}
