public import Model
internal import Services

extension Actions {
    /// Stores the workflows that a push brings, and makes a run of every workflow whose triggers take the event, all in one
    /// transaction. The same delivery again, also at the same time, makes nothing and gives the runs of the first.
    ///
    /// Throws `not_found` for the repository, `invalid_input`, `conflict` for an id that was delivered with another
    /// content.
    public func deliverEvent(
        _ delivery: EventDelivery, by principal: Principal
    ) async throws -> EventDeliveryResult {
        try await Self.mapped(by: principal) {
            EventDeliveryResult(try await services.ingestion.deliver(delivery, by: principal))
        }
    }
}
