/// Why the occurrences of a schedule cannot be computed: a phrase for people.
struct ScheduleFault: Error {
    var text: String
}
