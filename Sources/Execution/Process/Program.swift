internal import Glibc
internal import Synchronization

/// Runs a helper program such as git to its end and collects what it writes.
package enum Program {
    package struct Result: Sendable {
        package var code: Int64
        package var bytes: [UInt8]
        package var error: String

        /// What it wrote to its standard output, with invalid UTF-8 repaired.
        package var output: String { String(decoding: bytes, as: UTF8.self) }
    }

    private final class Collector: Sendable {
        let texts = Mutex<(output: [UInt8], error: [UInt8])>(([], []))
    }

    /// The program's path, from `PATH`.
    package static func find(_ name: String) -> String? {
        Shell.find(name, getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")
    }

    package static func run(
        _ path: String, _ arguments: [String], directory: String = "/"
    ) async throws(ExecutionError) -> Result {
        let spec = ProcessSpec(
            path: path, arguments: [path] + arguments, environment: HostEnvironment.entries, directory: directory)
        let collector = Collector()
        let (status, _) = try await ProcessReactor.shared.run(spec, started: { _ in }) { stream, bytes in
            collector.texts.withLock { texts in
                if stream == .standardOutput { texts.output += bytes } else { texts.error += bytes }
            }
        }
        return collector.texts.withLock { texts in
            Result(
                code: status.code, bytes: texts.output,
                error: String(decoding: texts.error, as: UTF8.self))
        }
    }
}
