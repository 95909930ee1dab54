/// Times of things that are compared: each round measures all of them one after the other, so that what else the machine
/// does meets them alike.
struct Alternating {
    /// Seconds, by subject and round.
    private(set) var times: [[Double]]

    /// `warmUp` rounds are not counted.
    init(
        rounds: Int, warmUp: Int = 2, _ subjects: [() async throws -> Double]
    ) async throws {
        times = subjects.map { _ in [] }
        for round in 0..<(rounds + warmUp) {
            for (index, subject) in subjects.enumerated() {
                let seconds = try await subject()
                if round >= warmUp { times[index].append(seconds) }
            }
        }
    }

    /// The median time of a subject, seconds.
    func median(_ subject: Int) -> Double { Self.median(times[subject]) }

    /// The median over the rounds of one subject's time over another's.
    func ratio(_ subject: Int, to other: Int) -> Double {
        Self.median(zip(times[subject], times[other]).map { $0 / $1 })
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The seconds that `body` takes.
    static func time(_ body: () async throws -> Void) async rethrows -> Double {
        let began = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - began) / .seconds(1)
    }
}
