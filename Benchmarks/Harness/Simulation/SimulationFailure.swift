/// A rule that a simulation found broken, with what leads there.
package struct SimulationFailure: Error, CustomStringConvertible {
    package let seed: UInt64
    /// From 1; past the simulation's steps while it is led to its end.
    package let step: Int
    package let rule: String
    /// The last ones, with their outcomes, the oldest first.
    package let actions: [String]
    package let database: String
    /// Repeats it: exactly on SQLite, the same actions in another order of their statements on PostgreSQL.
    package let command: String

    package var description: String {
        """
        seed \(seed), step \(step) on \(database): \(rule)
        the last actions:
        \(actions.map { "  " + $0 }.joined(separator: "\n"))
        again: \(command)
        """
    }
}
