import Cryptography
import Foundation
import Migrations
import Model
import SQLiteStorage
import Services
import Storage
import Testing

/// What of a job's secrets is left in the memory of the server that ran it. `scripts/acceptance hardening --part memory`
/// runs it: it needs root and gdb.
@Suite struct MemoryTests {
    @Test func secretsOfAJobThatHasEnded() async throws {
        guard ProcessInfo.processInfo.environment["PLUE_GCORE"] != nil else { return }
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: echo hi}]}\n")
        #expect(try sandbox.plue("run").code == 0)
        let canaries = (0..<100).map { _ in
            (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
        }
        let key = "\(sandbox.root)/data/plue/root.key"
        let services = try await Services.open(
            try SQLiteStorage.open(path: sandbox.database), migrations: Migrations.sqlite, keyring: .file(key))
        let secrets = try #require(services.secrets)
        for (number, canary) in canaries.enumerated() {
            try await secrets.set(
                "C\(number)", SecretBytes(copying: Array(canary.utf8)), of: .repository(ID(1)),
                by: Principal(.user, "octocat"))
        }
        await services.backend.close()
        // Through the environment, the script, the log, an output and a variable.
        let names = canaries.indices.map { "C\($0)" }
        try sandbox.workflow(
            """
              a:
                runs-on: ubuntu-latest
                env: {\(names.map { "\($0): \"${{ secrets.\($0) }}\"" }.joined(separator: ", "))}
                steps:
                  - run: for n in $(seq 0 99); do name=C$n; echo "$n is ${!name}"; done
                  - run: echo '${{ secrets.C1 }}' | base64; echo "o=$C2" >> $GITHUB_OUTPUT; echo "V=$C3" >> $GITHUB_ENV
                  - run: echo "${{ toJSON(secrets) }}" > /dev/null; echo ${#C99}
            """)
        try sandbox.shell("git add -A; git commit -qm more")
        #expect(try sandbox.plue("run", "--detach").code == 0)
        let server = try sandbox.start("runner", "start")
        #expect(sandbox.wait { server.err.contains("✓ run 2") }, "\(server.err)")
        #expect(try sandbox.plue("logs", "2").out.contains("99 is ***"))
        let core = try Command(
            "/usr/bin/gcore", ["-o", "\(sandbox.root)/core", "\(server.pid)"], in: sandbox.root,
            environment: sandbox.environment
        ).finish()
        try sandbox.write("../canaries", canaries.joined(separator: "\n"))
        let program = """
            import base64, glob, mmap, sys
            core = open(glob.glob("core.*")[0], "rb")
            memory = mmap.mmap(core.fileno(), 0, access=mmap.ACCESS_READ)
            lines = open("canaries", "rb").read().split()
            plain = sum(memory.find(line) >= 0 for line in lines)
            coded = sum(memory.find(base64.b64encode(line)[:40]) >= 0 for line in lines)
            half = sum(memory.find(line[8:24]) >= 0 for line in lines)
            print("MEMORY", plain, "of 100 secrets,", half, "by 16 of their 32 bytes,", coded, "in base64, in", len(memory) >> 20, "MiB")
            """
        let counted = try Command(
            "/usr/bin/env", ["python3", "-c", program], in: sandbox.root, environment: sandbox.environment
        ).finish()
        #expect(counted.code == 0, "\(core) \(counted)")
        print(counted.out)
        let numbers = counted.out.split(separator: " ").compactMap { Int($0) }
        // What stacks may keep by chance.
        #expect(try #require(numbers.first) <= 5)
        server.signal(SIGINT)
        #expect(try server.finish().code == 0)
    }
}

extension SecretBytes {
    fileprivate convenience init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
    }
}
