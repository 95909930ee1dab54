extension SQL {
    /// A name that a database's own catalogue gave, in quotes.
    package init(identifier name: String) {
        self.init([.identifier(name)])
    }

    /// Text that a dialect itself holds.
    package init(dialectText: String) {
        self.init([.dialectText(dialectText)])
    }

    /// A text column of the catalogue, compared by its bytes.
    package init(bytesOf name: String) {
        self.init([.identifier(name), .binaryCollation])
    }

    /// The fragments with commas between them.
    package static func list(_ fragments: [SQL]) -> SQL {
        var parts: [Part] = []
        for fragment in fragments {
            if !parts.isEmpty { parts.append(.literal(", ")) }
            parts.append(.nested(fragment.parts))
        }
        return SQL(parts)
    }
}
