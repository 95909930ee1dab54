/// `uses` of a job: `./.github/workflows/FILE`, `$/.github/workflows/FILE` or `OWNER/REPOSITORY/.github/workflows/FILE@REF`.
enum WorkflowReference {
    /// What is wrong, in GitHub's words.
    static func fault(of reference: String) -> String? {
        let prefix = "invalid value workflow reference: "
        if reference.hasPrefix("./") || reference.hasPrefix("$/") {
            if reference.contains("@") { return prefix + "cannot specify version when calling local workflows" }
            return path(reference.dropFirst(2)).map { prefix + $0 }
        }
        guard let at = reference.lastIndex(of: "@") else { return prefix + "no version specified" }
        if reference.index(after: at) == reference.endIndex { return prefix + "no version specified" }
        let parts = reference[..<at].split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, parts[0] != ".", parts[0] != ".." else {
            return prefix
                + "references to workflows must be prefixed with format 'owner/repository/' or './' for local workflows"
        }
        return path(parts[2]).map { prefix + $0 }
    }

    private static func path(_ path: Substring) -> String? {
        let folder = ".github/workflows/"
        guard path.hasPrefix(folder) else { return "references to workflows must be rooted in '.github/workflows'" }
        let name = path.dropFirst(folder.count)
        if name.isEmpty || name.contains("/") {
            return "workflows must be defined at the top level of the .github/workflows/ directory"
        }
        guard name.hasSuffix(".yml") || name.hasSuffix(".yaml") else {
            return "workflow file should have either a '.yml' or '.yaml' file extension"
        }
        return nil
    }
}
