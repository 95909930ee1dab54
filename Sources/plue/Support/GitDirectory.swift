internal import Execution

/// The parts of a `.git` that are small text files. Reading them here saves a run two processes; everything else is
/// asked of git.
struct GitDirectory {
    /// The top folder of the working tree.
    var root: String
    /// Objects, references and configuration; shared by all working trees of a repository.
    var common: String

    /// The repository around a folder: a `.git` folder, or the file of a linked working tree or submodule.
    static func find(around folder: String) -> GitDirectory? {
        guard let root = RepositoryRoot.find(folder) else { return nil }
        let place = "\(root)/.git"
        if Files.isDirectory(place) { return GitDirectory(root: root, common: place) }
        guard let text = Files.text(place), text.hasPrefix("gitdir:") else { return nil }
        let own = Files.normalize(text.dropFirst("gitdir:".count).trimmed, in: root)
        guard let shared = Files.text("\(own)/commondir")?.trimmed else {
            return GitDirectory(root: root, common: own)
        }
        return GitDirectory(root: root, common: Files.normalize(shared, in: own))
    }

    /// `remote.origin.url`; nil when git has to be asked, because the configuration includes other files.
    var originURL: OriginURL {
        guard let text = Files.text("\(common)/config") else { return .askGit }
        var isOrigin = false
        var url: String?
        for line in text.split(whereSeparator: \.isNewline).map(\.trimmed) {
            if line.hasPrefix("[") {
                if line.lowercased().hasPrefix("[include") { return .askGit }
                isOrigin = line.hasPrefix("[remote \"origin\"]")
            } else if isOrigin, let equals = line.firstIndex(of: "="), line[..<equals].trimmed.lowercased() == "url" {
                let value = line[equals...].dropFirst().trimmed
                if value.contains("\"") || value.contains("\\") || value.contains("#") { return .askGit }
                url = value
            }
        }
        return .known(url)
    }

    enum OriginURL {
        case known(String?)
        case askGit
    }
}
