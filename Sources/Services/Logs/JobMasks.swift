internal import Cryptography
internal import Masking
internal import Model
internal import Synchronization

/// The secrets that this process handed out, for each job that still runs: what comes back from a runner is masked with
/// them, whatever the runner itself did. Nothing of it is stored: a process that handed nothing out knows nothing to mask.
final class JobMasks: Sendable {
    private let maskers = Mutex<[ExecutionID: (fencingToken: Int64, masker: SharedMasker)]>([:])

    /// Forgets what an earlier claim of the job was given.
    func add(_ values: [String: SecretBytes], for token: JobToken) {
        guard !values.isEmpty else { return }
        add(values.values.map { value in value.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }, for: token)
    }

    /// The same of texts.
    func add(_ texts: [String], for token: JobToken) {
        let masker = maskers.withLock { maskers in
            if let known = maskers[token.executionID], known.fencingToken == token.fencingToken { return known.masker }
            let masker = SharedMasker()
            maskers[token.executionID] = (token.fencingToken, masker)
            return masker
        }
        for text in texts { masker.add(text) }
    }

    /// Of a claim that ended.
    func forget(_ token: JobToken) {
        maskers.withLock { maskers in
            if maskers[token.executionID]?.fencingToken == token.fencingToken { maskers[token.executionID] = nil }
        }
    }

    func mask(_ reports: [JobReport], of token: JobToken) -> [JobReport] {
        guard let masker = masker(of: token) else { return reports }
        return reports.map { $0.masked(by: masker) }
    }

    func mask(_ completion: Completion) -> Completion {
        guard let masker = masker(of: completion.token) else { return completion }
        return completion.masked(by: masker)
    }

    private func masker(of token: JobToken) -> Masker? {
        let known = maskers.withLock { $0[token.executionID] }
        return known?.fencingToken == token.fencingToken ? known?.masker.current : nil
    }
}
