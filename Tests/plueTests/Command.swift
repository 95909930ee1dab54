import Foundation
import Synchronization

/// A process with its output collected in files, so that nothing that it leaves holds a pipe.
final class Command: Sendable {
    struct Result {
        var code: Int32
        var out: String
        var err: String

        /// The records of `--json`; nil for a line that is none.
        var records: [[String: Any]?] {
            out.split(separator: "\n").map {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
            }
        }

        func records(_ type: String) -> [[String: Any]] {
            records.compactMap { $0 }.filter { $0["type"] as? String == type }
        }
    }

    private let status = Mutex<Int32?>(nil)
    private let folder: URL
    let pid: Int32

    /// Started and waited for without Foundation's `Process`, which takes one for running while a child of it is.
    init(
        _ program: String, _ arguments: [String], in directory: String, environment: [String: String]
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("plue-out-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, name) in [(Int32(1), "out"), (2, "err")] {
            let path = folder.appendingPathComponent(name).path
            posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        var arguments = (["env", "-C", directory, program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/usr/bin/env", &actions, nil, &arguments, &variables)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
        self.pid = pid
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What it wrote until now.
    var out: String { text("out") }
    var err: String { text("err") }

    private func text(_ name: String) -> String {
        let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits for its end; a process that hangs for two minutes is killed, and its code is 124.
    func finish() throws -> Result {
        for _ in 0..<12_000 {
            if let status = poll() {
                let signal = status & 0x7f
                return Result(code: signal == 0 ? (status >> 8) & 0xff : 128 + signal, out: out, err: err)
            }
            usleep(10_000)
        }
        signal(SIGKILL)
        while poll() == nil { usleep(10_000) }
        return Result(code: 124, out: out, err: err + "\nhung")
    }

    /// How it ended; nil while it runs.
    private func poll() -> Int32? {
        status.withLock { known in
            if known == nil {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { known = status }
            }
            return known
        }
    }
}
