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

    /// Those children of whose text the value can be made: not what is only compared, asked or looked up.
    var sources: [ExpressionNode] {
        switch self {
        case .compare, .not, .contextual: []
        case .call(.contains, _), .call(.startsWith, _), .call(.endsWith, _): []
        case .call(.case, let nodes):
            nodes.indices.filter { $0 % 2 == 1 || $0 == nodes.count - 1 }.map { nodes[$0] }
        // Of the others only what is false or empty.
        case .all(let nodes): nodes.suffix(1)
        case .index(let base, _): [base]
        default: children
        }
    }

    /// As ``firstPath(where:)``, of what reaches the value.
    func firstSource(where fits: (String) -> Bool) -> String? {
        if let path, fits(path) { return path }
        for source in sources {
            if let path = source.firstSource(where: fits) { return path }
        }
        return nil
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
