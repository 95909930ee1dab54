/// An action, the server that is asked, and whether its answer arrives.
struct PlannedAction: Sendable {
    var action: SimulationAction
    var server: Int
    /// It is done, but who asked does not know.
    var isAnswerLost = false
    /// The fault that it is, beside a lost answer.
    var fault: SimulationFault?
}
