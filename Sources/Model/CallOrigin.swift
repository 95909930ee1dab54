/// From where a call came, for the audit log. What is not known is nil.
public struct CallOrigin: Sendable, Hashable {
    private static let limit = 255

    /// The IP address of the client, or the name of its host.
    public let address: String?
    /// What the client calls itself: `plue/0.1.0`, a `User-Agent`.
    public let agent: String?
    /// Of one request or command: every row that it left has it.
    public let requestID: String?

    /// Clients may send anything here, and are not to be refused for it: what is beyond 255 characters is left out, and a
    /// control character becomes `?`.
    public init(address: String? = nil, agent: String? = nil, requestID: String? = nil) {
        func fitted(_ text: String?) -> String? {
            guard let text, !text.isEmpty else { return nil }
            var fitted = String.UnicodeScalarView()
            for scalar in text.unicodeScalars.prefix(Self.limit) {
                fitted.append(scalar.properties.generalCategory == .control ? "?" : scalar)
            }
            return String(fitted)
        }
        self.address = fitted(address)
        self.agent = fitted(agent)
        self.requestID = fitted(requestID)
    }
}
