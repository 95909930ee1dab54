/// The events that workflows can run on.
package enum EventNames {
    /// Why there can be no such event, with the name that is most likely meant; nil when there is.
    package static func refusal(of name: String) -> String? {
        if EventSchema.names.contains(name) { return nil }
        let hint =
            Nearest.hint(for: name, among: EventSchema.names)
            ?? "known are \(EventSchema.names.joined(separator: ", "))"
        return "there is no event '\(name)': \(hint)"
    }
}
