internal import Synchronization

/// Does what is asked for at the same time together: while one group is worked on, what comes is gathered for the next.
final class Gatherer<Request: Sendable, Answer: Sendable>: Sendable {
    struct Member: Sendable {
        let request: Request
        let continuation: CheckedContinuation<Answer, any Error>
    }

    private struct State {
        var waiting: [Member] = []
        var isWorking = false
    }

    private let limit: Int
    private let goTogether: @Sendable (Request, Request) -> Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: members of a group.
    ///   - goTogether: whether two requests can be of one group.
    init(limit: Int, goTogether: @escaping @Sendable (Request, Request) -> Bool) {
        self.limit = limit
        self.goTogether = goTogether
    }

    /// Waits for the group of this request; `work` resumes each member of it.
    func submit(_ request: Request, work: @escaping @Sendable ([Member]) async -> Void) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let begins = state.withLock { state in
                state.waiting.append(Member(request: request, continuation: continuation))
                defer { state.isWorking = true }
                return !state.isWorking
            }
            if begins {
                Task.detached {
                    while let group = self.next() { await work(group) }
                }
            }
        }
    }

    /// Nil, and no longer working, if nothing waits.
    private func next() -> [Member]? {
        state.withLock { state in
            guard let first = state.waiting.first else {
                state.isWorking = false
                return nil
            }
            var group: [Member] = []
            var rest: [Member] = []
            for member in state.waiting {
                if group.count < limit, goTogether(first.request, member.request) {
                    group.append(member)
                } else {
                    rest.append(member)
                }
            }
            state.waiting = rest
            return group
        }
    }
}
