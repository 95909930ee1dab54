internal import CLinux
internal import Glibc
internal import Synchronization

/// Ctrl-C and its kin.
enum Interrupts {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    private struct State {
        var handler: (@Sendable (Int) -> Void)?
        var count = 0
        var hasThread = false
    }

    private static let state = Mutex(State())
    /// Written by the signal handler, which may do little else.
    private static let wake = plue_blocking_eventfd()
    private static let newest = Atomic<Int32>(0)

    /// A reader that went away is an error of `write`, not a signal. Interrupts end a command that does not watch.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// From now on `handler` gets each of them, with its count from 1, on a thread of its own.
    static func watch(_ handler: @escaping @Sendable (Int) -> Void) {
        _ = (wake, newest.load(ordering: .relaxed))
        let mustStart = state.withLock { state in
            state.handler = handler
            state.count = 0
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if mustStart {
            var thread = pthread_t()
            pthread_create(&thread, nil, { _ in Interrupts.loop() }, nil)
            pthread_detach(thread)
        }
        for number in signals {
            signal(number) { number in
                Interrupts.newest.store(number, ordering: .relaxed)
                var one: UInt64 = 1
                write(Interrupts.wake, &one, 8)
            }
        }
    }

    /// From now on they end the process as before, but remove that unfinished file first, and the journal that SQLite
    /// may keep of it.
    static func removeFile(_ path: String) {
        watch { _ in
            unlink("\(path)-journal")
            unlink(path)
            let number = newest.load(ordering: .relaxed)
            signal(number, SIG_DFL)
            kill(getpid(), number)
        }
    }

    /// From now on they end the process again.
    static func unwatch() {
        for number in signals { signal(number, SIG_DFL) }
        state.withLock { $0.handler = nil }
    }

    private static func loop() -> UnsafeMutableRawPointer? {
        while true {
            var value: UInt64 = 0
            guard read(wake, &value, 8) == 8 else { continue }
            for _ in 0..<value {
                let (handler, count) = state.withLock { state in
                    state.count += 1
                    return (state.handler, state.count)
                }
                handler?(count)
            }
        }
    }
}
