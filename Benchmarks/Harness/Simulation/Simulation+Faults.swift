internal import Model
internal import Services

extension Simulation {
    /// Time passes, silent runners speak again, and now and then something goes wrong.
    mutating func disturb() async throws {
        // Of a server the own clock goes.
        if time.clock != nil { try await time.move(by: .milliseconds(generator.below(1_000))) }
        for index in runners.indices {
            guard let until = runners[index].silentUntil, until <= step else { continue }
            runners[index].silentUntil = nil
            record("runner \(index) speaks again")
        }
        guard options.hasFaults else { return }
        switch generator.below(60) {
        case 0: try await lose()
        case 1, 2: silence()
        case 3: try await jump(.seconds(5 + generator.below(60)))
        case 4: try await jump(.seconds(61 + generator.below(600)))
        case 5: try await jump(.seconds(-1 - generator.below(30)))
        case 6 where generator.once(in: 2): try await jump(.seconds(-3_600))
        case 6 where generator.once(in: 4): try await jump(.seconds(86_400))
        default: break
        }
    }

    private mutating func jump(_ duration: Duration) async throws {
        counts.add(.clockJump)
        record("the clock jumps by \(duration.components.seconds) s")
        try await time.move(by: duration)
        try await check()
    }

    /// A runner that is gone, and a new one in its place. What it said last may still be under way.
    private mutating func lose() async throws {
        let index = generator.below(runners.count)
        counts.add(.lostRunner)
        record("runner \(index) is lost")
        late += runners[index].claims
        try await replace(index)
    }

    /// A runner that does not speak for some steps, and then goes on as if nothing had happened.
    private mutating func silence() {
        let speaking = runners.indices.filter { !runners[$0].isSilent }
        guard speaking.count > 1, let index = generator.pick(speaking) else { return }
        counts.add(.lostRunner)
        runners[index].silentUntil = step + 5 + generator.below(80)
        record("runner \(index) is silent until step \(runners[index].silentUntil ?? 0)")
    }

    /// A new runner with the labels of that one.
    mutating func replace(_ index: Int) async throws {
        runners[index] = try await world.register(index)
    }

    /// What the runners know after an action.
    mutating func apply(_ planned: PlannedAction, _ outcome: SimulationOutcome) async throws {
        if let fault = planned.fault { counts.add(fault) }
        if planned.isAnswerLost { counts.add(.lostAnswer) }
        switch (planned.action, outcome) {
        case (.claim(let runner, _), .claimed(let claims)), (.take(let runner, _), .claimed(let claims)):
            counts.claims += claims.count
            if planned.isAnswerLost { late += claims } else { runners[runner].claims += claims }
        case (.claim(let runner, _), .refused(.notFound)), (.setDraining(let runner, _), .refused(.notFound)),
            (.setPaused(let runner, _), .refused(.notFound)):
            // It was silent for so long that nobody waited for it.
            late += runners[runner].claims
            try await replace(runner)
        case (.complete(let claim, _), .done):
            // Who does not know that it was taken says it again.
            if !planned.isAnswerLost { forget(claim.token) }
        case (.turn(let runner, let claim, _), .turned(let claims)):
            counts.claims += claims.count
            if planned.isAnswerLost {
                late += claims
            } else {
                forget(claim.token)
                runners[runner].claims += claims
            }
        case (.complete(let claim, _), .refused), (.turn(_, let claim, _), .refused), (.report(let claim), .refused):
            counts.lateRefused += 1
            // Later it may come once more.
            if !late.contains(where: { $0.token == claim.token }), late.count < 40 { late.append(claim) }
            if !planned.isAnswerLost { forget(claim.token) }
        case (.report(let claim), .done):
            if !planned.isAnswerLost { change(claim.token) { $0.reported = max($0.reported, claim.reported + 1) } }
        case (.renew(let runner, _), .renewed(let renewal)):
            runners[runner].forget(Set(renewal.lost))
            for job in renewal.cancelled {
                for index in runners[runner].claims.indices
                where runners[runner].claims[index].token.executionID == job {
                    runners[runner].claims[index].isAskedToStop = true
                }
            }
        case (.reap, .reaped(let jobs)): counts.claimsLost += jobs.count
        case (.setDraining(let runner, let flag), .done): runners[runner].isDraining = flag
        case (.setPaused(let runner, let flag), .done): runners[runner].isPaused = flag
        default: break
        }
    }

    private mutating func forget(_ token: JobToken) {
        for index in runners.indices { runners[index].forget([token]) }
    }

    private mutating func change(_ token: JobToken, _ body: (inout SimulatedClaim) -> Void) {
        for runner in runners.indices {
            for claim in runners[runner].claims.indices where runners[runner].claims[claim].token == token {
                body(&runners[runner].claims[claim])
            }
        }
    }
}
