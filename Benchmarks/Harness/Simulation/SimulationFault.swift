/// What goes wrong on purpose.
package enum SimulationFault: String, Sendable, CaseIterable {
    /// A runner is gone for ever, or for longer than its leases, and speaks again afterwards.
    case lostRunner = "lost_runner"
    /// A call was made, its answer did not arrive: the runner makes it again, or does not know what it claimed.
    case lostAnswer = "lost_answer"
    /// The same delivery, report or result arrives twice.
    case duplicateDelivery = "duplicate_delivery"
    /// A result of a claim that another runner's may have replaced.
    case lateResult = "late_result"
    /// The database's clock goes forwards by up to a day, or backwards.
    case clockJump = "clock_jump"
    /// Statements and commits that take long, while others go on. PostgreSQL only.
    case slowCommit = "slow_commit"
}
