/// A file format as data: definitions by name, read by ``TemplateReader``. The structure is that of GitHub's
/// published workflow and action schemas.
struct Schema: Sendable {
    /// What a scalar may be.
    enum Scalar: Sendable, Equatable {
        case null, boolean, number
        case string
        case nonEmptyString
        /// A text that is an expression also without `${{ }}`.
        case expression
        case constant(String)
    }

    struct Property: Sendable {
        var type: String
        var required = false
        /// Known to GitHub's schema but not done here: a diagnostic names it.
        var unsupported: String?
    }

    struct Mapping: Sendable {
        let properties: [String: Property]
        let looseKey: String?
        let looseValue: String?
        /// In alphabetical order.
        let required: [String]

        init(properties: [String: Property] = [:], looseKey: String? = nil, looseValue: String? = nil) {
            self.properties = properties
            self.looseKey = looseKey
            self.looseValue = looseValue
            self.required = properties.filter(\.value.required).keys.sorted()
        }
    }

    struct Definition: Sendable {
        var scalars: [Scalar] = []
        /// The type of items, when a sequence is allowed.
        var item: String?
        var mappings: [Mapping] = []
        var names: SchemaNames = []

        static func scalar(_ scalars: Scalar..., in names: SchemaNames = []) -> Definition {
            Definition(scalars: scalars, names: names)
        }

        static func values(_ values: [String]) -> Definition {
            Definition(scalars: values.map { .constant($0) })
        }

        static func sequence(of item: String, in names: SchemaNames = []) -> Definition {
            Definition(item: item, names: names)
        }

        static func mapping(
            _ properties: [String: Property] = [:], loose: (key: String, value: String)? = nil,
            in names: SchemaNames = []
        ) -> Definition {
            Definition(
                mappings: [Mapping(properties: properties, looseKey: loose?.key, looseValue: loose?.value)],
                names: names)
        }

        /// A mapping from non-empty keys to values of one type.
        static func map(of value: String, in names: SchemaNames = []) -> Definition {
            .mapping(loose: ("non-empty-string", value), in: names)
        }
    }

    private(set) var definitions: [String: Definition] = [
        "null": .scalar(.null),
        "boolean": .scalar(.boolean),
        "number": .scalar(.number),
        "string": .scalar(.string),
        "non-empty-string": .scalar(.nonEmptyString),
        "sequence": .sequence(of: "any"),
        "mapping": .map(of: "any"),
        "any": Definition(
            scalars: [.null, .boolean, .number, .string], item: "any",
            mappings: [Mapping(looseKey: "string", looseValue: "any")]),
        "sequence-of-non-empty-string": .sequence(of: "non-empty-string"),
    ]

    /// In force after ``finish()``.
    private(set) var rules = SchemaRules()
    private var unions: [(name: String, of: [String], in: SchemaNames)] = []

    mutating func define(_ name: String, _ definition: Definition) {
        definitions[name] = definition
    }

    /// Any of several definitions, in any order; in force after ``finish()``.
    mutating func define(_ name: String, oneOf names: [String], in context: SchemaNames = []) {
        unions.append((name, names, context))
    }

    /// Merges the alternatives of every union and resolves names.
    mutating func finish() {
        var open = unions
        while !open.isEmpty {
            let waiting = Set(open.map(\.name))
            let ready = open.filter { waiting.isDisjoint(with: $0.of) }
            if ready.isEmpty { break }
            for union in ready {
                var merged = Definition(names: union.in)
                for part in union.of.compactMap({ definitions[$0] }) {
                    merged.scalars += part.scalars
                    merged.item = merged.item ?? part.item
                    merged.mappings += part.mappings
                }
                definitions[union.name] = merged
            }
            open.removeAll { union in ready.contains { $0.name == union.name } }
        }
        rules = SchemaRules(definitions)
    }

    /// Names that a definition refers to but nothing defines; empty in a sound schema.
    var undefinedNames: Set<String> {
        var used = Set(unions.flatMap(\.of))
        for definition in definitions.values {
            if let item = definition.item { used.insert(item) }
            for mapping in definition.mappings {
                used.formUnion(mapping.properties.values.map(\.type))
                used.formUnion([mapping.looseKey, mapping.looseValue].compactMap { $0 })
            }
        }
        return used.subtracting(definitions.keys)
    }
}

extension Schema.Property: ExpressibleByStringLiteral {
    init(stringLiteral value: String) {
        self.init(type: value)
    }

    static func required(_ type: String) -> Schema.Property {
        Schema.Property(type: type, required: true)
    }

    static func unsupported(_ type: String, _ reason: String) -> Schema.Property {
        Schema.Property(type: type, unsupported: reason)
    }
}
