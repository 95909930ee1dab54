internal import Model
internal import QueryBuilder
internal import Storage

/// Which `runs-on` labels a local runner takes. Labels such as `ubuntu-latest` mean its host; those of another operating
/// system do not, unless the runner has them (`-P label=-self-hosted`).
public enum HostPlatform {
    private static let otherSystems = ["windows", "macos"]

    /// Whether a lower-case label, such as `windows-latest`, speaks of another operating system.
    public static func isOfAnotherSystem(_ label: String) -> Bool {
        otherSystems.contains { label == $0 || label.hasPrefix($0 + "-") }
    }

    /// The first label that is not this runner's host, or nil.
    static func unsupported(
        _ labels: [String], by runner: RunnerID, on db: isolated any StorageConnection
    ) throws -> String? {
        let foreign = labels.filter(isOfAnotherSystem)
        if foreign.isEmpty { return nil }
        let own = try db.run(Select("label").from("actions_runner_labels").where("runner_id = \(runner)"))
            .map { row in try row["label"] as String }
        return foreign.first { !own.contains($0) }
    }
}
