internal import Model
internal import QueryBuilder
internal import Storage

/// A change of a state, as it is stored.
struct Transition {
    enum Object: String {
        case run, job
    }

    var object: Object
    var id: Int64
    /// Nil: it is new.
    var from: String?
    var to: String
    var reason: StatusReason?

    static func insert(_ transitions: [Transition], of run: RunID, by principal: Principal) -> Insert {
        Insert("actions_transitions").rows(
            ["run_id", "object", "object_id", "from_state", "to_state", "reason", "actor", "created_at"],
            transitions.map { change in
                [
                    run, change.object.rawValue, change.id, change.from, change.to, change.reason?.rawValue,
                    principal.text, SQL.now,
                ]
            })
    }
}
