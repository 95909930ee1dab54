/// The definitions of a schema as ``TemplateReader`` walks them: names are indexes, alternatives bits.
struct SchemaRules: Sendable {
    struct Scalars: OptionSet, Sendable {
        let rawValue: UInt8

        static let null = Scalars(rawValue: 1)
        static let boolean = Scalars(rawValue: 2)
        static let number = Scalars(rawValue: 4)
        static let string = Scalars(rawValue: 8)
        static let nonEmptyString = Scalars(rawValue: 16)
    }

    final class Rule: Sendable {
        let names: SchemaNames
        /// Whether a scalar is an expression also without `${{ }}`.
        let isExpression: Bool
        let scalars: Scalars
        let constants: KeyTable?
        /// The rule of items, when a sequence is allowed.
        let item: Int?
        let mappings: [Mapping]

        fileprivate init(_ definition: Schema.Definition, _ index: (String) -> Int) {
            names = definition.names
            isExpression = definition.scalars.first == .expression
            var scalars: Scalars = []
            var constants: [String] = []
            for scalar in definition.scalars {
                switch scalar {
                case .null: scalars.insert(.null)
                case .boolean: scalars.insert(.boolean)
                case .number: scalars.insert(.number)
                case .string: scalars.insert(.string)
                case .nonEmptyString: scalars.insert(.nonEmptyString)
                case .constant(let text): if !constants.contains(text) { constants.append(text) }
                case .expression: break
                }
            }
            self.scalars = scalars
            self.constants = constants.isEmpty ? nil : KeyTable(constants)
            item = definition.item.map(index)
            mappings = definition.mappings.map { Mapping($0, index) }
        }

        func matches(_ kind: TemplateToken.Kind) -> Bool {
            switch kind {
            case .null: scalars.contains(.null)
            case .boolean: scalars.contains(.boolean)
            case .number: scalars.contains(.number)
            case .string(let text):
                scalars.contains(.string) || scalars.contains(.nonEmptyString) && !text.isEmpty
                    || constants?.index(of: text) != nil
            default: false
            }
        }
    }

    struct Property: Sendable {
        /// The rule of its value.
        let rule: Int
        let unsupported: String?
    }

    final class Mapping: Sendable {
        let keys: KeyTable
        private let properties: [Property]
        let looseKey: Int?
        let looseValue: Int?
        /// In alphabetical order.
        let required: [String]

        fileprivate init(_ mapping: Schema.Mapping, _ index: (String) -> Int) {
            let sorted = mapping.properties.sorted { $0.key < $1.key }
            keys = KeyTable(sorted.map(\.key))
            properties = sorted.map { Property(rule: index($0.value.type), unsupported: $0.value.unsupported) }
            looseKey = mapping.looseKey.map(index)
            looseValue = mapping.looseValue.map(index)
            required = mapping.required
        }

        subscript(key: String) -> Property? {
            keys.index(of: key).map { properties[$0] }
        }
    }

    private let rules: [Rule]
    private let indexes: [String: Int]
    /// What a name means that nothing defines: nothing fits.
    private static let undefined = 0

    /// Of definitions without unions.
    init(_ definitions: [String: Schema.Definition] = [:]) {
        let sorted = definitions.sorted { $0.key < $1.key }
        let indexes = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.key, $0 + 1) })
        let index = { (name: String) in indexes[name] ?? Self.undefined }
        self.indexes = indexes
        any = index("any")
        rules = [Rule(Schema.Definition(), index)] + sorted.map { Rule($0.value, index) }
    }

    /// The rule of `any`.
    let any: Int

    func index(of name: String) -> Int {
        indexes[name] ?? Self.undefined
    }

    subscript(index: Int) -> Rule { rules[index] }
}
