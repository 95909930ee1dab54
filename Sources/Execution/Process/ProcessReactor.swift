internal import CLinux
internal import Glibc
internal import Model
internal import Synchronization

/// Watches all child processes on one thread: `poll` on their outputs and on a pidfd each. A process has ended when
/// its pidfd says so, not when its outputs close: a child left in the background may hold them.
final class ProcessReactor: Sendable {
    static let shared = ProcessReactor()

    /// Called on the reactor's thread: it must be quick.
    typealias OutputHandler = @Sendable (OutputStream, UnsafeRawBufferPointer) -> Void

    private struct Child {
        var pid: pid_t
        var pidfd: Int32
        var output: Int32
        var error: Int32
        var handler: OutputHandler
        /// What this process has held at once when the child began: the kernel counts it as the child's.
        var ownPeak: Int64
        var continuation: CheckedContinuation<(ExitStatus, ResourceUse), Never>
    }

    private struct Inbox {
        var arrivals: [Child] = []
        var isRunning = false
    }

    /// Read of an output after the end of its process, bytes: more than any pipe holds. A child in the background that
    /// goes on writing is not waited for.
    private static let lastReadLimit = 2 << 20

    private let inbox = Mutex(Inbox())
    private let wake: Int32

    private init() {
        wake = plue_eventfd()
    }

    /// Starts the program and returns when it has ended and its output was handed over, with what it used. `started` gets its process id.
    func run(
        _ spec: ProcessSpec, started: (pid_t) -> Void, output handler: @escaping OutputHandler
    ) async throws(ExecutionError) -> (ExitStatus, ResourceUse) {
        let (readOutput, writeOutput) = try Self.pipe()
        let (readError, writeError): (Int32, Int32)
        do {
            (readError, writeError) = try Self.pipe()
        } catch {
            close(readOutput)
            close(writeOutput)
            throw error
        }
        // Who writes to /dev/stderr opens the pipe anew.
        if let user = spec.user { for end in [writeOutput, writeError] { user.own(descriptor: end) } }
        var pid: pid_t = 0
        let ownPeak = Self.ownPeak()
        let result = ProcessKeeper.shared.start(spec.job, &pid) { pid, bounds in
            Self.spawn(spec, bounds, &pid, writeOutput, writeError)
        }
        close(writeOutput)
        close(writeError)
        guard result == 0 else {
            close(readOutput)
            close(readError)
            throw ExecutionError(Self.explain(result, spec))
        }
        let pidfd = plue_pidfd_open(pid)
        guard pidfd >= 0 else {
            let reason = String(cString: strerror(errno))
            kill(pid, SIGKILL)
            close(readOutput)
            close(readError)
            _ = ProcessKeeper.shared.reap(pid)
            throw ExecutionError("cannot watch process \(pid): \(reason)")
        }
        started(pid)
        return await withCheckedContinuation { continuation in
            add(
                Child(
                    pid: pid, pidfd: pidfd, output: readOutput, error: readError, handler: handler,
                    ownPeak: ownPeak, continuation: continuation))
        }
    }

    private static func pipe() throws(ExecutionError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard plue_pipe(&ends) == 0 else {
            throw ExecutionError("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }

    /// Bytes. A program that is started counts what its parent held as its own peak (Linux, `exec_mmap`).
    private static func ownPeak() -> Int64 {
        var own = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        return Int64(own.ru_maxrss) * 1_024
    }

    private static func use(_ use: rusage, ownPeak: Int64) -> ResourceUse {
        func microseconds(_ time: timeval) -> Int64 { Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec) }
        let peak = Int64(use.ru_maxrss) * 1_024
        return ResourceUse(
            cpuMicroseconds: microseconds(use.ru_utime) + microseconds(use.ru_stime),
            peakMemoryBytes: peak > ownPeak ? peak : nil)
    }

    private static func spawn(
        _ spec: ProcessSpec, _ bounds: KeptJob.Bounds, _ pid: inout pid_t, _ output: Int32, _ error: Int32
    ) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = spec.arguments.map { strdup($0) }
        arguments.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = spec.environment.map { strdup($0) }
        environment.append(nil)
        defer {
            for case let pointer? in arguments + environment {
                // It may hold secrets, which are nobody's from now on.
                explicit_bzero(pointer, strlen(pointer))
                free(pointer)
            }
        }
        if spec.user == nil, bounds.group < 0, bounds.tasks == 0 {
            return plue_spawn(&pid, spec.path, arguments, environment, spec.directory, output, error)
        }
        return spec.user.withRaw { user in
            var raw = plue_bounds(user: user, tasks: UInt(bounds.tasks), group: bounds.group)
            return plue_spawn_bounded(
                &raw, &pid, spec.path, arguments, environment, spec.directory, output, error)
        }
    }

    private static func explain(_ code: Int32, _ spec: ProcessSpec) -> String {
        let reason = String(cString: strerror(code))
        if code == E2BIG {
            let largest = spec.environment.max { $0.utf8.count < $1.utf8.count } ?? ""
            let name = largest.prefix { $0 != "=" }
            // Each by itself would do: it is their sum, for which the kernel takes a quarter of the stack's limit.
            guard largest.utf8.count >= 128 << 10 else {
                let total = spec.environment.reduce(0) { $0 + $1.utf8.count + 1 }
                return
                    "cannot start \(spec.path): its \(spec.environment.count) variables have \(total) bytes together, "
                    + "more than programs may be given (a quarter of `ulimit -s`); the largest is \(name) with "
                    + "\(largest.utf8.count) bytes"
            }
            return "cannot start \(spec.path): its environment is too large; the largest variable is \(name) with "
                + "\(largest.utf8.count) bytes (one may have 128 KiB)"
        }
        if code == ENOENT, access(spec.directory, F_OK) != 0 {
            return "cannot start \(spec.path): the working directory \(spec.directory) does not exist"
        }
        return "cannot start \(spec.path) in \(spec.directory): \(reason)"
    }

    private func add(_ child: Child) {
        let mustStart = inbox.withLock { inbox in
            inbox.arrivals.append(child)
            defer { inbox.isRunning = true }
            return !inbox.isRunning
        }
        if mustStart {
            var thread = pthread_t()
            pthread_create(&thread, nil, { _ in ProcessReactor.shared.loop() }, nil)
            pthread_detach(thread)
        } else {
            var one: UInt64 = 1
            write(wake, &one, 8)
        }
    }

    private func loop() -> UnsafeMutableRawPointer? {
        var children: [Child] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            children += inbox.withLock { inbox in
                defer { inbox.arrivals = [] }
                return inbox.arrivals
            }
            var polled = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
            polled.reserveCapacity(1 + children.count * 3)
            for child in children {
                for descriptor in [child.output, child.error, child.pidfd] {
                    polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
                }
            }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 {
                var count: UInt64 = 0
                read(wake, &count, 8)
            }
            var ended: [Int] = []
            for index in children.indices {
                let base = 1 + index * 3
                let hasEnded = polled[base + 2].revents != 0
                let handler = children[index].handler
                if hasEnded || polled[base].revents != 0 {
                    drain(&children[index].output, .standardOutput, handler, hasEnded, &buffer)
                }
                if hasEnded || polled[base + 1].revents != 0 {
                    drain(&children[index].error, .standardError, handler, hasEnded, &buffer)
                }
                if hasEnded { ended.append(index) }
            }
            for index in ended.reversed() { finish(children.remove(at: index)) }
            // What a step wrote last may be a secret that only the masker was to see.
            if !ended.isEmpty {
                buffer.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
            }
        }
    }

    /// `handler` counts as escaping: of one that does not, this loop, which never returns, would keep a reference for each
    /// read, and so the masks of every job.
    ///
    /// Reads what is there: all of it once the process has ended, a buffer at a time before.
    private func drain(
        _ descriptor: inout Int32, _ stream: OutputStream, _ handler: @escaping OutputHandler, _ hasEnded: Bool,
        _ buffer: inout [UInt8]
    ) {
        guard descriptor >= 0 else { return }
        var total = 0
        while total < Self.lastReadLimit {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                buffer.withUnsafeBytes { handler(stream, UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                total += count
                if hasEnded { continue }
                return
            }
            if count < 0, errno == EINTR { continue }
            if count == 0 || errno != EAGAIN {
                close(descriptor)
                descriptor = -1
            }
            return
        }
    }

    private func finish(_ child: Child) {
        if child.output >= 0 { close(child.output) }
        if child.error >= 0 { close(child.error) }
        close(child.pidfd)
        let (status, use) = ProcessKeeper.shared.reap(child.pid)
        let signal = status & 0x7f
        child.continuation.resume(
            returning: (
                signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal), Self.use(use, ownPeak: child.ownPeak)
            ))
    }
}
