/// Every key of a file format with what is done about it, for the table in docs/keys.md.
package struct SchemaKeys: Sendable {
    package struct Row: Sendable {
        /// `jobs.<job_id>.steps[*].run`
        package var path: String
        package var isRequired: Bool
        /// `github, inputs, …`; empty where no expression may stand.
        package var contexts: String
        /// `supported`, `differs` or `refused`, and how.
        package var status: String
    }

    package let rows: [Row]

    package static let workflow = SchemaKeys(.workflow, root: "workflow-root", KeySupport.workflow)
    package static let action = SchemaKeys(.action, root: "action-root", KeySupport.action)

    private init(_ schema: Schema, root: String, _ support: [String: String]) {
        var rows: [Row] = []
        Self.add(root, "", [], [root], schema, support, &rows)
        // A key of several alternatives stands once.
        var known: Set<String> = []
        self.rows = rows.filter { known.insert($0.path).inserted }
    }

    private static func add(
        _ type: String, _ path: String, _ outer: SchemaNames, _ chain: [String], _ schema: Schema,
        _ support: [String: String], _ rows: inout [Row]
    ) {
        guard let definition = schema.definitions[type] else { return }
        let names = outer.union(definition.names)
        if let item = definition.item, !chain.contains(item) {
            add(item, "\(path)[*]", names, chain + [item], schema, support, &rows)
        }
        for mapping in definition.mappings {
            for (key, property) in mapping.properties.sorted(by: { $0.key < $1.key }) {
                let own = path.isEmpty ? key : "\(path).\(key)"
                let all = names.union(schema.definitions[property.type]?.names ?? [])
                rows.append(
                    Row(
                        path: own, isRequired: property.required, contexts: all.text,
                        status: property.unsupported.map { "refused: \($0)" } ?? status(of: own, support)))
                guard !chain.contains(property.type) else { continue }
                add(property.type, own, names, chain + [property.type], schema, support, &rows)
            }
            guard let value = mapping.looseValue, !chain.contains(value), value != "any" else { continue }
            let name = path == "jobs" ? "<job_id>" : "<name>"
            let own = path.isEmpty ? name : "\(path).\(name)"
            let all = names.union(schema.definitions[value]?.names ?? [])
            rows.append(Row(path: own, isRequired: false, contexts: all.text, status: status(of: own, support)))
            add(value, own, names, chain + [value], schema, support, &rows)
        }
    }

    /// That of the key, or of the nearest one around it.
    private static func status(of path: String, _ support: [String: String]) -> String {
        var path = path
        while true {
            if let known = support[path] { return known }
            guard let dot = path.lastIndex(of: ".") else { return "supported" }
            path = String(path[..<dot])
        }
    }
}

extension SchemaNames {
    fileprivate var text: String {
        let contexts = Self.contextNames.enumerated().filter { contains(SchemaNames(rawValue: 1 << UInt32($0.offset))) }
        let functions = ["success", "failure", "hashfiles"].filter { parameters(of: $0) != nil }
        return (contexts.map(\.element) + functions.map { "\($0 == "hashfiles" ? "hashFiles" : $0)()" })
            .joined(separator: ", ")
    }
}
