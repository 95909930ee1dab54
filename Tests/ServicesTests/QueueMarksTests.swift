import Model
import QueryBuilder
import Storage
import TestSupport
import Testing

@testable import Services

/// Marks decide where looks begin, never what is found.
@Suite struct QueueMarksTests {
    private typealias Place = QueueMarks.Place

    private static let reach = RunnerReach(scope: .global, group: nil, sets: [1, 2])

    private static func place(_ rank: Int64, _ execution: Int64) -> Place {
        Place(rank: rank, execution: ID(execution))
    }

    // MARK: In memory

    @Test func aLookBeginsWhereTheLastOneFoundSomething() {
        let marks = QueueMarks()
        let now = ContinuousClock.now
        let first = marks.look(Self.reach, now: now)
        #expect(first.isFull && first.places == [.lowest, .lowest])
        marks.note([1: Self.place(5, 50)], of: first, took: .zero, now: now)
        let second = marks.look(Self.reach, now: now + .milliseconds(249))
        #expect(!second.isFull && second.places == [Self.place(5, 50), .lowest])
        // A runner of another scope sees others.
        let other = RunnerReach(scope: .organization(1), group: nil, sets: [1])
        #expect(marks.look(other, now: now).places == [.lowest])
        #expect(marks.lowestRank(of: 1) == 5 && marks.lowestRank(of: 2) == nil)
    }

    @Test func looksFromTheBeginningAreDueByTheirCost() {
        for (took, due) in [(0, 250), (5, 250), (6, 300), (100, 5_000), (101, 5_000)] as [(Int64, Int64)] {
            let marks = QueueMarks()
            let now = ContinuousClock.now
            marks.note([:], of: marks.look(Self.reach, now: now), took: .milliseconds(took), now: now)
            #expect(!marks.look(Self.reach, now: now + .milliseconds(due - 1)).isFull, "\(took) ms")
            #expect(marks.look(Self.reach, now: now + .milliseconds(due)).isFull, "\(took) ms")
        }
    }

    /// An entry that is committed while a look goes on may not be in what the look found.
    @Test func whatWasPutBelowAMarkMeanwhileIsNotPassed() {
        for isKnown in [false, true] {
            let marks = QueueMarks()
            let now = ContinuousClock.now
            if isKnown {
                marks.note([1: Self.place(5, 50)], of: marks.look(Self.reach, now: now), took: .zero, now: now)
            }
            let look = marks.look(Self.reach, isFull: true, now: now)
            marks.lower([1: 3])
            marks.note([1: Self.place(9, 90), 2: Self.place(7, 70)], of: look, took: .zero, now: now)
            let places = marks.look(Self.reach, now: now).places
            #expect(places == [isKnown ? Self.place(3, 0) : .lowest, Self.place(7, 70)])
        }
    }

    @Test func aHigherEntryLowersNothing() {
        let marks = QueueMarks()
        let now = ContinuousClock.now
        marks.note([1: Self.place(5, 50)], of: marks.look(Self.reach, now: now), took: .zero, now: now)
        marks.lower([1: 6])
        #expect(marks.look(Self.reach, now: now).places[0] == Self.place(5, 50))
    }

    // MARK: In the queue

    private static func run(_ services: Services, _ race: Race, legs: Int, priority: Int64 = 0) async throws {
        let list = (0..<legs).map(String.init).joined(separator: ",")
        let text =
            "on: push\njobs: {a: {runs-on: self-hosted, strategy: {matrix: {n: [\(list)]}}, steps: [{run: a}]}}\n"
        var request = race.request(try Engine.source(text))
        request.priority = priority
        _ = try await services.runs.create(request, by: Race.principal)
    }

    /// Another process puts jobs at the end, at the head, and below what this one has seen.
    @Test(arguments: TestDatabase.allCases)
    func whatAnotherProcessQueuesIsFound(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let (own, other) = (Services(backend: race.backend), Services(backend: race.backend))
            let runner = try await race.runner("r", jobs: 100)
            func claim(_ limit: Int) async throws -> [JobMessage] {
                try await own.queue.claim(runner, limit: limit, by: Race.principal)
            }
            try await Self.run(own, race, legs: 20)
            for _ in 0..<10 { #expect(try await claim(1).count == 1) }
            try await Self.run(other, race, legs: 5)
            // Its own come at once; those of the other one at the latest when nothing stands behind the marks.
            try await Self.run(own, race, legs: 1, priority: 1)
            #expect(try await claim(1).first?.execution.priority == 1)
            try await Self.run(other, race, legs: 2, priority: 2)
            var found: [JobMessage] = []
            while true {
                let claimed = try await claim(1)
                if claimed.isEmpty { break }
                found += claimed
            }
            #expect(found.count == 10 + 5 + 2)
            #expect(try await other.queue.claim(runner, limit: 9, by: Race.principal).isEmpty)
        }
    }

    /// Many put and take at the same time, by processes that know of each other only by the database.
    @Test(arguments: TestDatabase.allCases)
    func nothingIsLeftBehind(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let servers = (0..<3).map { _ in Services(backend: race.backend) }
            var runners: [RunnerID] = []
            for index in 0..<3 { runners.append(try await race.runner("r\(index)", jobs: 1_000)) }
            let taken = try await withThrowingTaskGroup(of: [ExecutionID].self) { group in
                for (index, server) in servers.enumerated() {
                    let runner = runners[index]
                    group.addTask {
                        for round in 0..<8 {
                            try await Self.run(server, race, legs: 3, priority: Int64((round + index) % 3))
                        }
                        return []
                    }
                    group.addTask {
                        var taken: [ExecutionID] = []
                        for round in 0..<60 {
                            taken += try await server.queue.claim(runner, limit: 1 + round % 2, by: Race.principal)
                                .map(\.execution.id)
                        }
                        return taken
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let all = taken + (try await race.claimAll(runners[0], of: servers[0]))
            #expect(all.count == 3 * 8 * 3 && Set(all).count == all.count)
        }
    }

    /// The count of live claims begins at the oldest live one, whatever ended meanwhile, and however claims overlap.
    @Test(arguments: TestDatabase.allCases)
    func capacityHoldsWhileClaimsComeAndGo(_ database: TestDatabase) async throws {
        try await Race.on(database) { race in
            let servers = [Services(backend: race.backend), Services(backend: race.backend)]
            let runner = try await race.runner("r", jobs: 3)
            try await Self.run(servers[0], race, legs: 40)
            let seed = UInt64.random(in: 0..<1 << 32)
            var random = SeededGenerator(seed: seed)
            var live: [JobMessage] = []
            for _ in 0..<60 {
                let server = servers[Int.random(in: 0..<2, using: &random)]
                if live.isEmpty || Bool.random(using: &random) {
                    let limit = Int.random(in: 1...4, using: &random)
                    let claimed = try await server.queue.claim(runner, limit: limit, by: Race.principal)
                    #expect(claimed.count <= max(0, 3 - live.count), "seed \(seed)")
                    live += claimed
                } else {
                    let done = live.remove(at: Int.random(in: 0..<live.count, using: &random))
                    try await server.runners.complete(done.assignment.token, .success, by: Race.principal)
                }
            }
        }
    }
}
