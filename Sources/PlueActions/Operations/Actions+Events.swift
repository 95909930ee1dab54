public import Model
internal import Services

extension Actions {
    /// Stores the workflows that a push brings, and makes a run of every workflow whose triggers take the event, all in one
    /// transaction. The same delivery again, also at the same time, makes nothing and gives the runs of the first.
    ///
    /// Throws `not_found` for the repository, `invalid_input`, `conflict` for an id that was delivered with another
    /// content.
    ///
    /// - Parameter resolver: reads workflows of other repositories that are called; without one there are none, and a
    ///   workflow that calls one becomes a run that could not start.
    public func deliverEvent(
        _ delivery: EventDelivery, resolver: (any WorkflowResolver)? = nil, by principal: Principal
    ) async throws -> EventDeliveryResult {
        try await Self.mapped(by: principal) {
            EventDeliveryResult(
                try await services.ingestion.deliver(
                    delivery, resolver: resolver.map { NamedResolver(resolver: $0) }, by: principal))
        }
    }
}
