/// The configuration of a checkout's `.git`: its own, with what decides in the user's repository whether a file counts as
/// changed and how objects are named. Remotes, hooks and credentials stay behind.
struct GitConfig {
    private static let kept: Set<String> = [
        "core.autocrlf", "core.eol", "core.safecrlf", "core.filemode", "core.symlinks", "core.ignorecase",
        "core.precomposeunicode", "core.quotepath", "core.sparsecheckout", "core.sparsecheckoutcone",
        "extensions.objectformat",
    ]

    let text: String

    init(_ source: String, originURL: String) {
        var section = ""
        var core: [String] = []
        var extensions: [String] = []
        for line in source.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.first == "[" {
                section = line.dropFirst().prefix { $0 != "]" }.lowercased()
                continue
            }
            let key = line.prefix { $0 != "=" && $0 != " " && $0 != "\t" }.lowercased()
            guard Self.kept.contains("\(section).\(key)"), !line.hasSuffix("\\") else { continue }
            if section == "core" { core.append("\t\(line)\n") } else { extensions.append("\t\(line)\n") }
        }
        text =
            "[core]\n\trepositoryformatversion = \(extensions.isEmpty ? 0 : 1)\n\tfilemode = true\n\tbare = false\n"
            + core.joined() + (extensions.isEmpty ? "" : "[extensions]\n" + extensions.joined())
            + "[remote \"origin\"]\n\turl = \(originURL)\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
    }
}
