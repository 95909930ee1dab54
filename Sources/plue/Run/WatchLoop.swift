internal import Execution
internal import Glibc

/// `plue run -w`: runs again whenever a file of the working tree has changed, until Ctrl-C.
enum WatchLoop {
    private static let interval = Duration.milliseconds(500)

    /// `body` is one run; its errors are shown and do not end the loop.
    static func run(_ directory: String, _ body: () async throws -> Int32) async throws {
        while true {
            do {
                _ = try await body()
            } catch let error as CommandError {
                Standard.errorLine("plue: \(error.message)")
            }
            let before = try await fingerprint(directory)
            Standard.errorLine("waiting for a change; Ctrl-C ends")
            repeat { try await Task.sleep(for: interval) } while try await fingerprint(directory) == before
        }
    }

    /// Size and time of every file that is not ignored.
    private static func fingerprint(_ directory: String) async throws -> Int {
        let git = try await Git.read(directory)
        var hasher = Hasher()
        for file in git.files {
            var info = stat()
            guard lstat("\(git.root)/\(file)", &info) == 0 else { continue }
            hasher.combine(file)
            hasher.combine(info.st_size)
            hasher.combine(info.st_mtim.tv_sec)
            hasher.combine(info.st_mtim.tv_nsec)
        }
        hasher.combine(git.commit)
        return hasher.finalize()
    }
}
