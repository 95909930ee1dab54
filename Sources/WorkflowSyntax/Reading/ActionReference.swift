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
            if reference.utf8.contains(UInt8(ascii: "@")) {
                return "Cannot specify a version with '$/': it is the commit that runs"
            }
            return leavesRoot(String(reference.dropFirst(2)))
                ? "The path '\(reference)' leads out of the repository" : nil
        }
        return isRemote(reference) ? nil : "Expected format {org}/{repo}[/path]@ref. Actual '\(reference)'"
    }

    /// Two parts of a path or more, one `@`, something behind it.
    private static func isRemote(_ reference: String) -> Bool {
        let bytes = reference.utf8.span
        var parts = 0
        var isInPart = false
        var mark: Int?
        for at in bytes.indices {
            switch bytes[at] {
            case UInt8(ascii: "@"):
                if mark != nil { return false }
                mark = at
            case UInt8(ascii: "/"), UInt8(ascii: "\\"): isInPart = false
            default:
                if !isInPart, mark == nil { parts += 1 }
                isInPart = true
            }
        }
        return parts >= 2 && mark.map { $0 + 1 < bytes.count } ?? false
    }

    /// Of what a generated id is made.
    static func seed(of reference: String) -> String {
        if reference.hasPrefix("docker://") { return String(reference.dropFirst(9)) }
        if reference.hasPrefix("./") || reference.hasPrefix(".\\") || reference.hasPrefix("$/") {
            return "self"
        }
        return reference.utf8.firstIndex(of: UInt8(ascii: "@")).map { String(reference[..<$0]) } ?? reference
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
