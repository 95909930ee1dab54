import Storage
import Synchronization
import Testing

@Suite struct ConnectionPoolTests {
    private final class Connection: Sendable {
        let inUse = Atomic(false)
    }

    private final class Counter: Sendable {
        let opened = Atomic(0)
        let closed = Atomic(0)
        let order = Mutex<[Int]>([])
    }

    private func pool(
        limit: Int, timeout: Duration = .seconds(60), counter: Counter = Counter()
    ) -> ConnectionPool<Connection> {
        ConnectionPool(
            limit: limit, acquireTimeout: timeout,
            open: { () async throws(StorageError) in
                counter.opened.add(1, ordering: .relaxed)
                return Connection()
            }, close: { _ in counter.closed.add(1, ordering: .relaxed) })
    }

    @Test func leasesAreExclusiveAndBounded() async throws {
        let counter = Counter()
        let pool = pool(limit: 3, counter: counter)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await pool.withLease { connection in
                        let wasInUse = connection.inUse.exchange(true, ordering: .sequentiallyConsistent)
                        #expect(!wasInUse)
                        await Task.yield()
                        connection.inUse.store(false, ordering: .sequentiallyConsistent)
                    }
                }
            }
            try await group.waitForAll()
        }
        let opened = counter.opened.load(ordering: .relaxed)
        #expect(opened <= 3)
        #expect(pool.metrics.leased == 0)
        #expect(pool.metrics.waiting == 0)
        await pool.shutdown()
        let closed = counter.closed.load(ordering: .relaxed)
        #expect(closed == opened)
        #expect(pool.metrics.total == 0)
    }

    @Test func exhaustionTimesOutAndRecovers() async throws {
        let pool = pool(limit: 1, timeout: .milliseconds(20))
        let held = try await pool.lease()
        await #expect { try await pool.lease() } throws: { ($0 as? StorageError)?.code == .timeout }
        #expect(pool.metrics == PoolMetrics(leased: 1, waiting: 0, total: 1))
        await pool.release(held)
        await pool.release(try await pool.lease())
    }

    @Test func cancellationEndsTheWait() async throws {
        let pool = pool(limit: 1)
        let held = try await pool.lease()
        let task = Task { try await pool.lease() }
        while pool.metrics.waiting == 0 { await Task.yield() }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? StorageError)?.code == .cancelled }
        #expect(pool.metrics.waiting == 0)
        await pool.release(held)
        #expect(pool.metrics.leased == 0)
    }

    @Test func whoWaitsIsServedInOrder() async throws {
        let pool = pool(limit: 1)
        let log = Counter()
        let held = try await pool.lease()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<5 {
                group.addTask {
                    try await pool.withLease { _ in log.order.withLock { $0.append(number) } }
                }
                while pool.metrics.waiting <= number { await Task.yield() }
            }
            await pool.release(held)
            try await group.waitForAll()
        }
        #expect(log.order.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func brokenConnectionMakesRoom() async throws {
        let counter = Counter()
        let pool = pool(limit: 1, counter: counter)
        let held = try await pool.lease()
        async let next = pool.lease()
        while pool.metrics.waiting == 0 { await Task.yield() }
        await pool.release(held, reusable: false)
        let second = try await next
        #expect(second !== held)
        let closed = counter.closed.load(ordering: .relaxed)
        #expect(closed == 1)
        #expect(pool.metrics == PoolMetrics(leased: 1, waiting: 0, total: 1))
    }

    @Test func failedOpeningPassesThePermitOn() async throws {
        let attempts = Counter()
        let pool = ConnectionPool<Connection>(
            limit: 1, acquireTimeout: .seconds(60),
            open: { () async throws(StorageError) in
                let attempt = attempts.opened.add(1, ordering: .relaxed).newValue
                await Task.yield()
                if attempt == 1 { throw StorageError(.unavailable, "no") }
                return Connection()
            }, close: { _ in })
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    do {
                        try await pool.withLease { _ in }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { !$0 } == 1)
        #expect(pool.metrics.leased == 0)
    }

    @Test func shutdownRefusesAndWaits() async throws {
        let pool = pool(limit: 1)
        let held = try await pool.lease()
        let waiter = Task { try await pool.lease() }
        while pool.metrics.waiting == 0 { await Task.yield() }
        let log = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await pool.shutdown()
                #expect(log.order.withLock { $0 } == [1])
            }
            await #expect { try await waiter.value } throws: { ($0 as? StorageError)?.code == .unavailable }
            log.order.withLock { $0.append(1) }
            await pool.release(held)
            try await group.waitForAll()
        }
        await #expect { try await pool.lease() } throws: { ($0 as? StorageError)?.code == .unavailable }
        await pool.shutdown()
    }
}
