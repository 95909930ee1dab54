import Glibc

/// A thread that runs an actor's jobs: the serial executor of one connection. It may block in a C library without
/// starving Swift's cooperative pool.
///
/// The thread starts with the executor and ends after `stop()`, once what was enqueued before has run.
package final class ConnectionThread: SerialExecutor, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    // Guarded by `mutex`, except `thread`, which is written once before any item can run.
    private var items: [Item] = []
    private var stopped = false
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var thread = pthread_t()

    /// Throws `outOfMemory` if the system gives no thread.
    package init() throws(StorageError) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)

        let retained = Unmanaged.passRetained(self)
        pthread_mutex_lock(mutex)
        let result = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<ConnectionThread>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, retained.toOpaque())
        if result == 0 {
            pthread_detach(thread)
        }
        pthread_mutex_unlock(mutex)
        guard result == 0 else {
            retained.release()
            throw StorageError(.outOfMemory, "no thread for a connection: \(String(cString: strerror(result)))")
        }
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        push(.job(UnownedJob(job)))
    }

    /// Runs `work` on the thread; there an actor of this executor may assume its isolation.
    package func perform(_ work: @escaping @Sendable () -> Void) {
        push(.work(work))
    }

    /// Ends the thread when its queue is empty. Called by the connection's `deinit`, after which no job can come.
    package func stop() {
        pthread_mutex_lock(mutex)
        stopped = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    package func checkIsolated() {
        precondition(pthread_equal(pthread_self(), thread) != 0, "not on the connection's thread")
    }

    private func push(_ item: Item) {
        pthread_mutex_lock(mutex)
        items.append(item)
        if items.count == 1 { pthread_cond_signal(condition) }
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        var batch: [Item] = []
        while true {
            pthread_mutex_lock(mutex)
            while items.isEmpty && !stopped {
                pthread_cond_wait(condition, mutex)
            }
            swap(&batch, &items)
            pthread_mutex_unlock(mutex)
            guard !batch.isEmpty else { return }
            for item in batch {
                switch item {
                case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                case .work(let work): work()
                }
            }
            batch.removeAll(keepingCapacity: true)
        }
    }
}
