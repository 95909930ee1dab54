/// Checks located tokens against a schema and compiles their expressions: the only reader for all definitions.
/// Order and texts of diagnostics are GitHub's.
struct TemplateReader {
    private let schema: Schema
    private let file: String
    private var names: [SchemaNames: AllowedNames] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(schema: Schema, file: String) {
        self.schema = schema
        self.file = file
    }

    mutating func read(_ token: TemplateToken, as type: String) -> TemplateToken {
        read(token, type, [])
    }

    private mutating func read(_ token: TemplateToken, _ type: String, _ outer: SchemaNames) -> TemplateToken {
        let definition = schema[type]
        let allowed = outer.union(definition.names)
        switch token.kind {
        case .sequence(let items):
            guard let item = definition.item else {
                report("unexpected-sequence", "A sequence was not expected", at: token)
                return token
            }
            var read: [TemplateToken] = []
            read.reserveCapacity(items.count)
            for element in items { read.append(self.read(element, item, allowed)) }
            return TemplateToken(.sequence(read), at: token.position)
        case .mapping(let pairs):
            guard !definition.mappings.isEmpty else {
                report("unexpected-mapping", "A mapping was not expected", at: token)
                return token
            }
            return TemplateToken(
                .mapping(mapping(pairs, definition.mappings, allowed, at: token)), at: token.position)
        default: return scalar(token, definition, allowed)
        }
    }

    // MARK: - Scalars

    private mutating func scalar(
        _ token: TemplateToken, _ definition: Schema.Definition, _ allowed: SchemaNames
    ) -> TemplateToken {
        if definition.scalars.first == .expression { return condition(token, allowed) }
        let token = parsed(token, allowed)
        switch token.kind {
        case .expression, .insert:
            if allowed.isEmpty {
                report("expression-not-allowed", "A template expression is not allowed in this context", at: token)
            }
            return token
        default: break
        }
        if definition.scalars.contains(where: { Self.matches(token.kind, $0) }) { return token }
        let text = token.literalText ?? ""
        if case .string = token.kind {
        } else {
            let converted = TemplateToken(.string(text), at: token.position)
            if definition.scalars.contains(where: { Self.matches(converted.kind, $0) }) { return converted }
        }
        let constants = definition.scalars.compactMap { if case .constant(let value) = $0 { value } else { nil } }
        report(
            "unexpected-value", "Unexpected value '\(text)'", at: token, hint: Nearest.hint(for: text, among: constants)
        )
        return token
    }

    private mutating func condition(_ token: TemplateToken, _ allowed: SchemaNames) -> TemplateToken {
        guard let text = token.literalText else { return token }
        if case .null = token.kind { return token }
        do throws(ExpressionText.Fault) {
            let kind = try ExpressionText.condition(text, allowing: allowedNames(allowed))
            return TemplateToken(kind, at: token.position)
        } catch {
            report(error.code, error.message, at: token)
            return token
        }
    }

    /// The token with `${{ }}` compiled. After a fault it stays the text that it is.
    private mutating func parsed(_ token: TemplateToken, _ allowed: SchemaNames) -> TemplateToken {
        guard case .string(let text) = token.kind, !allowed.contains(.raw), ExpressionText.occurs(in: text) else {
            return token
        }
        do throws(ExpressionText.Fault) {
            let kind = try ExpressionText.kind(of: text, allowing: allowedNames(allowed))
            return TemplateToken(kind, at: token.position)
        } catch {
            report(error.code, error.message, at: token)
            return token
        }
    }

    private mutating func allowedNames(_ bits: SchemaNames) -> AllowedNames {
        if let known = names[bits] { return known }
        let made = bits.allowed
        names[bits] = made
        return made
    }

    private static func matches(_ kind: TemplateToken.Kind, _ scalar: Schema.Scalar) -> Bool {
        switch (scalar, kind) {
        case (.null, .null), (.boolean, .boolean), (.number, .number), (.string, .string): true
        case (.nonEmptyString, .string(let text)): !text.isEmpty
        case (.constant(let value), .string(let text)): value == text
        default: false
        }
    }

    // MARK: - Mappings

    private mutating func mapping(
        _ pairs: [TemplateToken.Pair], _ definitions: [Schema.Mapping], _ allowed: SchemaNames,
        at place: TemplateToken
    ) -> [TemplateToken.Pair] {
        var definitions = definitions
        var read: [TemplateToken.Pair] = []
        read.reserveCapacity(pairs.count)
        var seen = SeenKeys(pairs.count)
        var hasExpressionKey = false
        for pair in pairs {
            var key = parsed(pair.key, allowed)
            switch key.kind {
            case .expression, .insert:
                hasExpressionKey = true
                if allowed.isEmpty {
                    report("expression-not-allowed", "A template expression is not allowed in this context", at: key)
                } else {
                    read.append(TemplateToken.Pair(key: key, value: self.read(pair.value, "any", allowed)))
                }
                continue
            default: break
            }
            let name = key.literalText ?? ""
            if case .string = key.kind {
            } else {
                key = TemplateToken(.string(name), at: key.position)
            }
            guard seen.insert(name) else {
                report("duplicate-key", "'\(name)' is already defined", at: key)
                continue
            }
            guard let (type, unsupported) = value(of: name, key, in: &definitions, allowed) else { continue }
            if let unsupported {
                report("unsupported", "\(unsupported) are not supported", at: key)
            }
            read.append(TemplateToken.Pair(key: key, value: self.read(pair.value, type, allowed)))
        }
        check(definitions, seen, hasExpressionKey, at: place)
        return read
    }

    /// The type of a key's value. A key that only some definitions have leaves only those.
    private mutating func value(
        of name: String, _ key: TemplateToken, in definitions: inout [Schema.Mapping], _ allowed: SchemaNames
    ) -> (type: String, unsupported: String?)? {
        if definitions.count > 1 {
            let matching = definitions.filter { $0.properties[name] != nil }
            if !matching.isEmpty { definitions = matching }
        }
        if let property = definitions.first?.properties[name] { return (property.type, property.unsupported) }
        if let type = definitions.first?.looseValue {
            if let keyType = definitions.first?.looseKey { _ = scalar(key, schema[keyType], allowed) }
            return (type, nil)
        }
        let known = definitions.flatMap(\.properties.keys)
        report("unknown-key", "Unexpected value '\(name)'", at: key, hint: Nearest.hint(for: name, among: known))
        return nil
    }

    private mutating func check(
        _ definitions: [Schema.Mapping], _ seen: SeenKeys, _ hasExpressionKey: Bool, at place: TemplateToken
    ) {
        if definitions.count > 1 {
            var counts: [String: Int] = [:]
            for key in definitions.flatMap(\.properties.keys) { counts[key, default: 0] += 1 }
            let deciding = counts.filter { $0.value == 1 }.keys.sorted().joined(separator: ", ")
            report(
                "ambiguous",
                "There's not enough info to determine what you meant. Add one of these properties: \(deciding)",
                at: place)
        } else if let definition = definitions.first, !hasExpressionKey {
            for name in definition.required where !seen.contains(name) {
                report("missing-key", "Required property is missing: \(name)", at: place)
            }
        }
    }

    private mutating func report(_ code: String, _ message: String, at token: TemplateToken, hint: String? = nil) {
        var diagnostic = Diagnostic(code: code, message: message, file: file, at: token.position)
        diagnostic.hint = hint
        diagnostics.append(diagnostic)
    }
}

/// The keys of one mapping, without regard to case. A few are compared one by one.
private struct SeenKeys {
    private var few: [String] = []
    private var many: Set<String> = []
    private let isLarge: Bool

    init(_ count: Int) {
        isLarge = count > 12
    }

    /// False when the key was there.
    mutating func insert(_ key: String) -> Bool {
        if isLarge { return many.insert(OrdinalText.folded(key)).inserted }
        if contains(key) { return false }
        few.append(key)
        return true
    }

    func contains(_ key: String) -> Bool {
        isLarge ? many.contains(OrdinalText.folded(key)) : few.contains { OrdinalText.same($0, key) }
    }
}
