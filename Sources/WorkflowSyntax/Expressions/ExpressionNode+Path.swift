extension ExpressionNode {
    /// `github.event.issue.title` of a chain of properties, lower-case; numbers and `*` are `*`. Nil for what is none.
    var path: String? {
        switch self {
        case .context(let name): name
        case .property(let base, let name): base.path.map { $0 + "." + name.lowercased() }
        case .filter(let base): base.path.map { $0 + ".*" }
        case .index(let base, .literal(.number)): base.path.map { $0 + ".*" }
        default: nil
        }
    }

    /// The path of the first node, from the outside, whose path fits.
    func firstPath(where fits: (String) -> Bool) -> String? {
        if let path, fits(path) { return path }
        for child in children {
            if let path = child.firstPath(where: fits) { return path }
        }
        return nil
    }
}
