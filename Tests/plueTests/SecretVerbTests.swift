import Foundation
import Testing

/// `plue secret`, `plue variable`, `plue key` as a user types them.
@Suite struct SecretVerbTests {
    private static let canary = "s3cr3t-Canary'\"\\$HOME é"

    private func pipe(_ sandbox: Sandbox, _ text: String, _ words: String) throws -> Command.Result {
        let file = "\(sandbox.root)/value"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return try sandbox.shell("'\(Binary.path)' \(words) < '\(file)'")
    }

    @Test func aRunUsesStoredSecretsAndVariables() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: ubuntu-latest
                environment: production
                steps:
                  - run: |
                      printf '%s' "$TOKEN" | sha256sum
                      echo "the token is $TOKEN"
                      echo "$LEVEL and $PLACE and ${GIVEN}"
                    env:
                      TOKEN: ${{ secrets.TOKEN }}
                      GIVEN: ${{ secrets.GIVEN }}
                      LEVEL: ${{ vars.LEVEL }}
                      PLACE: ${{ vars.PLACE }}
            """)
        #expect(try pipe(sandbox, Self.canary + "\n", "secret set token").code == 0)
        let digest = try sandbox.shell("head -c -1 '\(sandbox.root)/value' | sha256sum").out
        #expect(try pipe(sandbox, "stored", "secret set GIVEN").code == 0)
        #expect(try sandbox.plue("variable", "set", "level", "seven").code == 0)
        #expect(try sandbox.plue("variable", "set", "place", "repository").code == 0)
        #expect(try sandbox.plue("variable", "set", "place", "environment", "-e", "Production").code == 0)
        let run = try sandbox.plue("run", "-s", "GIVEN=given-by-hand")
        #expect(run.code == 0, "\(run)")
        let log = try sandbox.plue("logs").out
        #expect(log.contains(digest.prefix(64)), "\(log)")
        #expect(log.contains("the token is ***") && log.contains("seven and environment and ***"), "\(log)")
        #expect(!log.contains("Canary") && !log.contains("by-hand"))
        // Nowhere in what is kept.
        let found = try sandbox.shell("grep -rlaF -e 'Canary' -e 'given-by-hand' '\(sandbox.root)/data' || true")
        #expect(found.out.isEmpty, "\(found)")
        #expect(try sandbox.plue("rerun").code == 0)
        let audit = try sandbox.plue("audit", "list", "--action", "secret.read", "--json").records
        #expect(audit.count == 2, "\(audit)")
    }

    /// What no caller hands on is not read either; an environment's are its job's, whoever calls.
    @Test func calledWorkflowsGetWhatTheyAreHanded() throws {
        let sandbox = try Sandbox()
        try sandbox.write(
            ".github/workflows/called.yml",
            """
            on: {workflow_call: {secrets: {GIVEN: {required: false}, ENV: {required: false}}}}
            jobs:
              in: {runs-on: x, steps: [{run: "echo in ${{ secrets.TOKEN == '' }} ${{ secrets.GIVEN == 'the token' }}"}]}
              env:
                runs-on: x
                environment: e
                steps: [{run: "echo env ${{ secrets.TOKEN == '' }} ${{ secrets.ENV == 'of the environment' }}"}]
            """)
        try sandbox.workflow(
            """
              none: {uses: ./.github/workflows/called.yml}
              some:
                uses: ./.github/workflows/called.yml
                secrets: {GIVEN: "${{ secrets.TOKEN }}", ENV: handed}
            """)
        #expect(try pipe(sandbox, "the token", "secret set TOKEN").code == 0)
        #expect(try pipe(sandbox, "of the environment", "secret set ENV -e e").code == 0)
        let run = try sandbox.plue("run")
        #expect(run.code == 0, "\(run)")
        func log(_ job: String) throws -> String { try sandbox.plue("logs", "--job", job).out }
        #expect(try log("none / in").contains("in true false") && log("none / env").contains("env true true"))
        #expect(try log("some / in").contains("in true true") && log("some / env").contains("env true true"))
        let read = try sandbox.plue("audit", "list", "--action", "secret.read", "--json").records
        let names = read.map { row in
            let body = (row?["body"] as? [String: Any])?["after"] as? [String: Any]
            return (body?["secrets"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }.sorted()
        }
        #expect(names.map { $0.joined(separator: "+") }.sorted() == ["ENV", "ENV+TOKEN", "TOKEN"], "\(read)")
    }

    /// The job says at once what it is that cannot be read, and nobody executes it again and again.
    @Test func aSecretThatDoesNotOpenFailsTheJob() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: ubuntu-latest, steps: [{run: echo hi}]}")
        try sandbox.shell("git add -A; git commit -qm more")
        #expect(try pipe(sandbox, "the token", "secret set TOKEN").code == 0)
        let program = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.execute(sys.argv[2])
            db.commit()
            """
        try sandbox.write("damage.py", program)
        func damage(_ sql: String) throws {
            let done = try sandbox.shell("python3 damage.py '\(sandbox.database)' \"\(sql)\"")
            #expect(done.code == 0, "\(done)")
        }
        try damage("UPDATE actions_secret_versions SET record = zeroblob(105)")
        let run = try sandbox.plue("run")
        #expect(run.code == 1 && (run.out + run.err).contains("secrets cannot be read: secret TOKEN"), "\(run)")
        #expect(try sandbox.plue("run", "--detach").code == 0)
        let server = try sandbox.start("runner", "start", "--ephemeral")
        #expect(try server.finish().code == 0)
        #expect(try sandbox.plue("view").out.contains("secrets cannot be read"))
        let rows = try sandbox.plue("audit", "list", "--action", "secret.read", "--json").records
        #expect(rows.count { $0?["outcome"] as? String == "failure" } == 2, "\(rows)")
        // Nor is anything read that the audit log does not take.
        #expect(try pipe(sandbox, "the token", "secret set TOKEN").code == 0)
        try damage(
            "CREATE TRIGGER t BEFORE INSERT ON actions_audit_log WHEN new.action = 'secret.read' BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
        #expect(try sandbox.plue("run", "--detach").code == 0)
        let second = try sandbox.start("runner", "start", "--ephemeral")
        #expect(try second.finish().code == 0)
        #expect(try sandbox.plue("view").out.contains("secrets cannot be read: no room"))
    }

    @Test func nothingIsNoValue() throws {
        let sandbox = try Sandbox()
        #expect(try pipe(sandbox, "a stored value", "secret set T").code == 0)
        for words in ["secret set T", "variable set V"] {
            for text in ["", "\n", "\r\n"] {
                let refused = try pipe(sandbox, text, words)
                #expect(refused.code == 64 && refused.err.contains("standard input is empty"), "\(refused)")
            }
        }
        #expect(try sandbox.plue("secret", "list", "--json").records.first??["version"] as? Int == 1)
        #expect(try sandbox.plue("variable", "set", "V", "").code == 0, "said by hand")
    }

    @Test func secretsAreListedAndDeletedButNeverShown() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.plue("secret", "list").code == 64)
        let argument = try sandbox.plue("secret", "set", "A", "value-on-the-line")
        #expect(argument.code == 64 && argument.err.contains("standard input") && !argument.err.contains("on-the-line"))
        #expect(try pipe(sandbox, "first\r\n", "secret set b").code == 0)
        #expect(try pipe(sandbox, "xyz", "secret set a").err.contains("cannot be masked"))
        #expect(try pipe(sandbox, "again", "secret set B").code == 0)
        try sandbox.write("key.pem", "line\nline\n")
        #expect(try sandbox.plue("secret", "set", "PEM", "--file", "key.pem").code == 0)
        #expect(try sandbox.plue("secret", "set", "PEM", "--file", "nothing").code == 64)
        let records = try sandbox.plue("secret", "list", "--json").records
        #expect(records.compactMap { $0?["name"] as? String } == ["A", "B", "PEM"])
        #expect(records.compactMap { $0?["version"] as? Int } == [1, 2, 1])
        let listed = try sandbox.plue("secret", "list").out
        #expect(listed.contains("PEM") && !listed.contains("again") && !listed.contains("line"))
        #expect(try sandbox.plue("secret", "delete", "pem").code == 0)
        #expect(try sandbox.plue("secret", "delete", "pem").code == 64)
        #expect(try pipe(sandbox, "v", "secret set GITHUB_X").code == 64)
        #expect(try pipe(sandbox, "bytes \0", "secret set NUL").err.contains("base64"))
        let visibility = try pipe(sandbox, "v", "secret set V --visibility all")
        #expect(visibility.code == 64 && visibility.err.contains("--organization"), "\(visibility)")
    }

    @Test func anOrganizationsAreGranted() throws {
        let sandbox = try Sandbox()
        #expect(try pipe(sandbox, "shared value", "secret set S --organization 7 --visibility selected").code == 0)
        #expect(
            try sandbox.plue("variable", "set", "V", "v", "--organization", "7", "--visibility", "selected").code == 0)
        #expect(try sandbox.plue("repository", "set", "--permissions", "read").code == 0)
        let homeless = try sandbox.plue("secret", "grant", "S", "--organization", "7")
        #expect(homeless.code == 64 && homeless.err.contains("belongs to no organization"), "\(homeless)")
        try sandbox.shell(
            "python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
                + "d.execute(\"UPDATE actions_repositories SET organization_id = 7\"); d.commit()' \(sandbox.database)")
        for verb in ["secret", "variable"] {
            let name = verb == "secret" ? "S" : "V"
            #expect(try sandbox.plue(verb, "grant", name, "--organization", "7").code == 0)
            #expect(try sandbox.plue(verb, "grant", "NONE", "--organization", "7").code == 64)
            #expect(try sandbox.plue(verb, "revoke", name, "--organization", "7").code == 0)
            #expect(try sandbox.plue(verb, "list", "--organization", "7").out.contains("selected"))
        }
        #expect(try sandbox.plue("variable", "set", "W", "w", "--organization", "7").code == 0)
        let refused = try sandbox.plue("variable", "grant", "W", "--organization", "7")
        #expect(refused.code == 64 && refused.err.contains("its visibility is private"), "\(refused)")
        let variables = try sandbox.plue("variable", "list", "--organization", "7", "--json").records
        #expect(variables.first??["value"] as? String == "v")
    }

    @Test func keysAreRotatedAndReplaced() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            "  a: {runs-on: ubuntu-latest, steps: [{run: 'test \"$T\" = a-stored-value', env: {T: \"${{ secrets.T }}\"}}]}"
        )
        let none = try sandbox.plue("key", "rotate")
        #expect(none.code == 64 && none.err.contains("the first secret makes them"), "\(none)")
        #expect(try pipe(sandbox, "a-stored-value", "secret set T").code == 0)
        #expect(try sandbox.plue("run").code == 0)
        let rotated = try sandbox.plue("key", "rotate")
        #expect(rotated.code == 0 && rotated.out.contains("term 2 is active: 1 value wrapped"), "\(rotated)")
        #expect(rotated.out.contains("retired: term 1"))
        #expect(try sandbox.plue("run").code == 0)
        // What killed calls left of key files goes, but for one that is being made.
        try sandbox.shell(
            "cd $XDG_DATA_HOME/plue; touch -d '2 minutes ago' root.key.next.old.new; touch root.key.next.own.new")
        let rekeyed = try sandbox.plue("key", "rekey")
        #expect(try sandbox.shell("cd $XDG_DATA_HOME/plue; ls *.new").out == "root.key.next.own.new\n")
        let former = try #require(rekeyed.out.split(separator: " ").last).trimmingCharacters(in: .newlines)
        #expect(rekeyed.code == 0 && former.contains("root.key.former-"), "\(rekeyed)")
        #expect(try sandbox.plue("run").code == 0)
        let old = try sandbox.plue("run", with: ["PLUE_KEY_FILE": former])
        #expect(old.code == 6 && old.err.contains("replaced by `rekey`"), "\(old)")
        let status = try sandbox.plue("key", "status", "--json").records
        #expect((status.first??["terms"] as? [[String: Any]])?.count == 2, "\(status)")
        #expect(try sandbox.plue("audit", "verify").code == 0)

        // From a file to a passphrase.
        try sandbox.write("short", "elevenbytes\n")
        let open = try sandbox.plue("key", "rekey", "--to-passphrase-file", "short")
        #expect(open.code == 6 && open.err.contains("chmod 600"), "\(open)")
        try sandbox.shell("chmod 600 short; touch words; chmod 600 words")
        let short = try sandbox.plue("key", "rekey", "--to-passphrase-file", "short")
        #expect(short.code == 6 && short.err.contains("at least 12"), "\(short)")
        try sandbox.write("words", "correct horse battery staple\n")
        #expect(try sandbox.plue("key", "rekey", "--to-passphrase-file", "words").code == 0)
        let wrong = try sandbox.plue("run")
        #expect(wrong.code == 6 && wrong.err.contains("root key"), "\(wrong)")
        #expect(try sandbox.plue("run", with: ["PLUE_PASSPHRASE_FILE": "words"]).code == 0)
        #expect(try sandbox.plue("run", with: ["PLUE_PASSPHRASE": "correct horse battery staple"]).code == 0)
        #expect(try sandbox.plue("key", "status", with: ["PLUE_PASSPHRASE": "wrong"]).code == 6)
        let two = try sandbox.plue("run", with: ["PLUE_PASSPHRASE": "x", "PLUE_KEY_FILE": "y"])
        #expect(two.code == 6 && two.err.contains("leave exactly one"), "\(two)")
    }

    /// Whoever may not is told so, and the log of it, before anything is asked of the key.
    @Test func whoMayNotNeedsNoKey() throws {
        let sandbox = try Sandbox()
        #expect(try pipe(sandbox, "a value", "secret set S").code == 0)
        #expect(try sandbox.plue("access", "grant", "mona", "admin", "--installation").code == 0)
        let wrong = ["PLUE_ROOT_KEY": String(repeating: "0f", count: 32)]
        for (user, code) in [("hubot", Int32(4)), ("mona", 6)] {
            let environment = wrong.merging(["USER": user]) { $1 }
            for words in [["secret", "set", "S", "--file", "/etc/hostname"], ["key", "status"], ["key", "rotate"]] {
                let result = try Command(
                    Binary.path, words, in: sandbox.repository,
                    environment: sandbox.environment.merging(environment) { $1 }
                ).finish()
                #expect(result.code == code, "\(user) \(words): \(result)")
            }
        }
        let denied = try sandbox.plue("audit", "list", "--action", "auth.denied", "--json", with: ["USER": "mona"])
        #expect(denied.records.count == 3, "\(denied)")
        // Names need no key.
        let names = try sandbox.plue("secret", "list", with: wrong.merging(["USER": "mona"]) { $1 })
        #expect(names.code == 0 && names.out.contains("S "), "\(names)")
    }

    @Test func aLostOrMalformedKeyIsTold() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: ubuntu-latest, steps: [{run: echo hi}]}")
        let key = String(repeating: "0f", count: 32)
        func with(_ key: String, _ words: String...) throws -> Command.Result {
            try Command(
                Binary.path, words, in: sandbox.repository,
                environment: sandbox.environment.merging(["PLUE_ROOT_KEY": key]) { $1 }
            ).finish()
        }
        try sandbox.write("value", "a-stored-value")
        #expect(try with("zz", "secret", "set", "T", "--file", "value").code == 6)
        #expect(try with(key, "secret", "set", "T", "--file", "value").code == 0)
        #expect(try with(key, "run").code == 0)
        let other = try with(String(repeating: "1f", count: 32), "run")
        #expect(other.code == 6 && other.err.contains("not this installation's"), "\(other)")
        let lost = try sandbox.plue("run")
        #expect(lost.code == 6 && lost.err.contains("there is none"), "\(lost)")
        // What needs no secret works without the key.
        #expect(try sandbox.plue("runs").code == 0 && sandbox.plue("logs").code == 0)
        #expect(try sandbox.plue("secret", "list").code == 0)
        // Steps do not see the variable.
        try sandbox.workflow(
            "  a: {runs-on: ubuntu-latest, steps: [{run: 'env; tr \"\\\\0\" \"\\\\n\" < /proc/$PPID/environ'}]}")
        #expect(try with(key, "run").code == 0)
        #expect(try !sandbox.plue("logs").out.contains("0f0f0f0f"))
    }
}
