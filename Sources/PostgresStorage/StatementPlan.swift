/// The commands of a pipeline and what each is for.
struct StatementPlan {
    enum Role {
        case prepare(PreparedStatement)
        case describe(PreparedStatement)
        /// One of the caller's; nil if it is not kept prepared.
        case statement(PreparedStatement?)
        case other
    }

    var commands: [Command] = []
    var roles: [Role] = []
    /// Those that the server does not have yet.
    var new: [PreparedStatement] = []
    var begins = false
    var changesSchema = false

    mutating func append(_ command: Command, _ role: Role) {
        commands.append(command)
        roles.append(role)
    }
}
