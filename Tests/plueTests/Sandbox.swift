import Foundation
import Testing

/// A home, a git repository and a database of its own; removed with the value.
final class Sandbox: Sendable {
    let root: String
    let repository: String
    let environment: [String: String]

    init(commit: Bool = true, git: Bool = true) throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("plue-cli-\(UUID().uuidString)").path
        repository = "\(root)/repo"
        var environment = ["HOME": root, "XDG_DATA_HOME": "\(root)/data", "XDG_CACHE_HOME": "\(root)/cache"]
        environment["XDG_CONFIG_HOME"] = "\(root)/config"
        environment["PATH"] = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        environment["USER"] = "octocat"
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        self.environment = environment
        try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
        guard git else { return }
        try shell("git init -q -b main && git config user.name o && git config user.email o@example.invalid")
        if commit { try shell("git commit -q --allow-empty -m first") }
    }

    deinit {
        // Tests make folders that nobody may write.
        _ = try? Command("/bin/chmod", ["-R", "u+rwX", root], in: "/", environment: environment).finish()
        try? FileManager.default.removeItem(atPath: root)
    }

    var database: String { "\(root)/data/plue/plue.db" }

    /// Writes a file of the repository, with its folders.
    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func write(_ name: String, _ data: Data) throws {
        let url = URL(fileURLWithPath: repository).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    /// The workflow `ci.yml`; a text that does not begin with `on:` or `name:` is what stands under `jobs:`.
    func workflow(_ text: String, file: String = "ci.yml") throws {
        let isWhole = text.hasPrefix("on:") || text.hasPrefix("name:")
        try write(".github/workflows/\(file)", isWhole ? text : "on: push\njobs:\n" + text)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(repository)/\(name)") }

    func text(_ name: String) -> String { (try? String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)) ?? "" }

    @discardableResult
    func shell(_ script: String) throws -> Command.Result {
        try Command("/bin/bash", ["-ec", script], in: repository, environment: environment).finish()
    }

    /// Starts plue in the repository.
    func start(_ arguments: String..., with more: [String: String] = [:], wrapped: [String] = []) throws -> Command {
        let all = wrapped + [Binary.path] + arguments
        return try Command(
            all[0], Array(all.dropFirst()), in: repository, environment: environment.merging(more) { $1 })
    }

    /// Runs plue to its end.
    @discardableResult
    func plue(_ arguments: String..., with more: [String: String] = [:]) throws -> Command.Result {
        try Command(Binary.path, arguments, in: repository, environment: environment.merging(more) { $1 }).finish()
    }

    /// Rows of the database as a program that knows SQL sees them: JSON objects.
    func integrity() throws -> String {
        let script =
            "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone()[0])"
        return try Command("/usr/bin/env", ["python3", "-c", script, database], in: root, environment: environment)
            .finish().out.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The processes whose environment names this sandbox.
    func processes() -> [Int32] {
        let own = getpid()
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap(Int32.init) ?? []
        return numbers.filter { pid in
            guard pid != own, let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else {
                return false
            }
            return data.range(of: Data("HOME=\(root)".utf8)) != nil
        }
    }

    /// Waits until the condition holds; false when it does not within a minute.
    func wait(_ condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<1_200 {
            if try condition() { return true }
            usleep(50_000)
        }
        return false
    }
}
