/// `uses` of a step: `./PATH` of the workspace, `$/PATH` of the repository that holds the file, at the commit that runs,
/// `OWNER/REPOSITORY[/PATH]@REF` or `docker://IMAGE`.
enum ActionReference {
    /// What is wrong, in GitHub's words.
    static func fault(of reference: String) -> String? {
        if reference.hasPrefix("docker://") { return nil }
        if reference.hasPrefix("./") || reference.hasPrefix(".\\") || reference == "." {
            return leavesRoot(reference)
                ? "The path '\(reference)' leads out of the workspace" : nil
        }
        if reference.hasPrefix("$/") {
            if reference.contains("@") { return "Cannot specify a version with '$/': it is the commit that runs" }
            return leavesRoot(String(reference.dropFirst(2)))
                ? "The path '\(reference)' leads out of the repository" : nil
        }
        let halves = reference.split(separator: "@", omittingEmptySubsequences: false)
        let path = halves[0].split(whereSeparator: { $0 == "/" || $0 == "\\" })
        guard halves.count == 2, path.count >= 2, !halves[1].isEmpty else {
            return "Expected format {org}/{repo}[/path]@ref. Actual '\(reference)'"
        }
        return nil
    }

    /// Of what a generated id is made.
    static func seed(of reference: String) -> String {
        if reference.hasPrefix("docker://") { return String(reference.dropFirst(9)) }
        if reference.hasPrefix("./") || reference.hasPrefix(".\\") || reference.hasPrefix("$/") {
            return "self"
        }
        return String(reference.prefix { $0 != "@" })
    }

    private static func leavesRoot(_ path: String) -> Bool {
        var depth = 0
        for part in path.split(whereSeparator: { $0 == "/" || $0 == "\\" }) where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}
