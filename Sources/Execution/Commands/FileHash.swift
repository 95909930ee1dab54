internal import Glibc
internal import Hashing
internal import WorkflowSyntax

/// `hashFiles`: SHA-256 over the SHA-256 digests of the matching files of the workspace, in the order in which a walk
/// finds them; empty when none matches.
enum FileHash {
    static func evaluate(_ arguments: [ExpressionValue], workspace: String) throws(ExpressionError) -> String {
        var patterns = arguments.map(\.text)
        var followsLinks = false
        if let first = patterns.first, first.lowercased().hasPrefix("--") {
            guard first.lowercased() == "--follow-symbolic-links" else {
                throw ExpressionError(
                    .evaluation, "Invalid glob option \(first), available option: '--follow-symbolic-links'.")
            }
            followsLinks = true
            patterns.removeFirst()
        }
        let globs = patterns.flatMap { $0.split(whereSeparator: \.isNewline) }
            .map { $0.trimmingBlanks() }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
            .map { PathGlob($0, base: workspace) }
        var total = SHA256()
        var found = false
        walk(workspace, globs, followsLinks: followsLinks, within: []) { path in
            guard let digest = digest(of: path) else { return }
            found = true
            digest.withUnsafeBytes { total.update($0) }
        }
        return found ? SHA256.hex(total.finalize()) : ""
    }

    private struct Place: Equatable {
        var device: UInt64
        var node: UInt64
    }

    /// `within` are the folders around the path, so that a link to one of them is not followed for ever.
    private static func walk(
        _ path: String, _ globs: [PathGlob], followsLinks: Bool, within: [Place], _ visit: (String) -> Void
    ) {
        var info = stat()
        guard (followsLinks ? stat(path, &info) : lstat(path, &info)) == 0 else { return }
        switch info.st_mode & S_IFMT {
        case S_IFDIR:
            let place = Place(device: UInt64(info.st_dev), node: UInt64(info.st_ino))
            guard !within.contains(place), globs.contains(where: { !$0.isNegated && $0.mayMatch(in: path) }) else {
                return
            }
            for name in Files.names(in: path).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                walk("\(path)/\(name)", globs, followsLinks: followsLinks, within: within + [place], visit)
            }
        case S_IFREG, S_IFLNK:
            // A link that is not followed is hashed by what it leads to, when that is a file.
            guard !Files.isSpecial(path), !Files.isDirectory(path) else { return }
            var isChosen = false
            for glob in globs where glob.isNegated == isChosen && glob.matches(path) { isChosen = !glob.isNegated }
            if isChosen { visit(path) }
        default: return
        }
    }

    private static func digest(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return hash.finalize()
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> String {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
