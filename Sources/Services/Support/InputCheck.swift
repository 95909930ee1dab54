internal import Storage
internal import WorkflowSyntax

/// Refuses input before anything is stored.
package enum InputCheck {
    /// A short text that people read: not empty, at most `limit` bytes, no control characters.
    package static func name(_ text: String, _ subject: String, limit: Int = 1024) throws {
        guard !text.isEmpty, text.utf8.count <= limit else {
            throw ServiceError(.invalidInput, subject, "it must have 1 to \(limit) bytes")
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw ServiceError(.invalidInput, subject, "it holds a control character")
        }
    }

    /// Any text of at most `limit` bytes.
    static func size(_ text: String, _ subject: String, limit: Int) throws {
        guard text.utf8.count <= limit else {
            throw ServiceError(.limit, subject, "it is over \(limit) bytes")
        }
    }

    static func limit(_ limit: Int) throws -> Int {
        guard (1...1000).contains(limit) else {
            throw ServiceError(.invalidInput, "limit \(limit)", "a page has 1 to 1000 elements")
        }
        return limit
    }

    /// An organization is known by the platform's number of it alone: nothing here lists them.
    static func organization(_ id: Int64?) throws {
        guard let id, id < 1 else { return }
        throw ServiceError(
            .invalidInput, "organization \(id)",
            "expected a positive number: the id that its repositories are stored with")
    }

    static func priority(_ priority: Int64) throws -> Int64 {
        guard (-100...100).contains(priority) else {
            throw ServiceError(.invalidInput, "priority \(priority)", "it is -100 to 100")
        }
        return priority
    }

    /// What a run is made for; returns the payload. Throws ``ServiceError`` `invalid_input`.
    static func run(
        event: String, headSHA: String, headRef: String, headBranch: String?, actor: String, payload: String
    ) throws -> ExpressionValue {
        try name(event, "the event", limit: 255)
        try name(headSHA, "the commit", limit: 255)
        try name(headRef, "the ref", limit: 4096)
        if let headBranch { try name(headBranch, "the branch", limit: 4096) }
        try name(actor, "the actor", limit: 255)
        try size(payload, "the payload", limit: 25 << 20)
        guard let value = try? ExpressionValue(json: payload), case .object = value else {
            throw ServiceError(.invalidInput, "the payload", "it is not a JSON object")
        }
        return value
    }
}
