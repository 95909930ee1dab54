/// Checks located tokens against a schema and compiles their expressions: the only reader for all definitions.
/// Order and texts of diagnostics are GitHub's.
struct TemplateReader {
    private let rules: SchemaRules
    private let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(schema: Schema, file: String) {
        self.rules = schema.rules
        self.file = file
    }

    mutating func read(_ token: inout TemplateToken, as type: String) {
        read(&token, rules[rules.index(of: type)], [])
    }

    /// Collections are taken out of their token while they are changed, so that they are not copied.
    private mutating func read(_ token: inout TemplateToken, _ rule: SchemaRules.Rule, _ outer: SchemaNames) {
        let allowed = outer.union(rule.names)
        if var pairs = token.takePairs() {
            if rule.mappings.isEmpty {
                report("unexpected-mapping", "A mapping was not expected", at: token)
            } else {
                mapping(&pairs, rule.mappings, allowed, at: token)
            }
            token.kind = .mapping(pairs)
        } else if var items = token.takeItems() {
            if let item = rule.item {
                let item = rules[item]
                for index in items.indices { read(&items[index], item, allowed) }
            } else {
                report("unexpected-sequence", "A sequence was not expected", at: token)
            }
            token.kind = .sequence(items)
        } else {
            scalar(&token, rule, allowed)
        }
    }

    // MARK: - Scalars

    private mutating func scalar(_ token: inout TemplateToken, _ rule: SchemaRules.Rule, _ allowed: SchemaNames) {
        if rule.isExpression {
            condition(&token, allowed)
            return
        }
        compile(&token, allowed)
        switch token.kind {
        case .insert where !allowed.isEmpty:
            // A directive for keys.
            report("unexpected-value", "Unexpected value '${{ insert }}'", at: token)
            return
        case .expression, .insert:
            if allowed.isEmpty {
                report("expression-not-allowed", "A template expression is not allowed in this context", at: token)
            }
            return
        default: break
        }
        if rule.matches(token.kind) { return }
        let text = token.literalText ?? ""
        if case .string = token.kind {
        } else if rule.matches(.string(text)) {
            token.kind = .string(text)
            return
        }
        report(
            "unexpected-value", "Unexpected value '\(text)'", at: token,
            hint: Nearest.hint(for: text, among: rule.constants?.names ?? []))
    }

    private mutating func condition(_ token: inout TemplateToken, _ allowed: SchemaNames) {
        if case .null = token.kind { return }
        guard let text = token.literalText else { return }
        do throws(ExpressionText.Fault) {
            token.kind = try ExpressionText.condition(text, allowing: AllowedNames(allowed))
        } catch {
            report(error.code, error.message, at: token)
        }
    }

    /// Compiles `${{ }}`. After a fault the token stays the text that it is.
    private mutating func compile(_ token: inout TemplateToken, _ allowed: SchemaNames) {
        guard case .string(let text) = token.kind, !allowed.contains(.raw), ExpressionText.occurs(in: text) else {
            return
        }
        do throws(ExpressionText.Fault) {
            token.kind = try ExpressionText.kind(of: text, allowing: AllowedNames(allowed))
        } catch {
            report(error.code, error.message, at: token)
        }
    }

    // MARK: - Mappings

    private mutating func mapping(
        _ pairs: inout [TemplateToken.Pair], _ alternatives: [SchemaRules.Mapping], _ allowed: SchemaNames,
        at place: TemplateToken
    ) {
        var alternatives = Alternatives(alternatives)
        var seen = SeenKeys(pairs.count)
        var hasExpressionKey = false
        var hasMergeKey = false
        var kept = 0
        for index in pairs.indices {
            let isKept: Bool
            compile(&pairs[index].key, allowed)
            switch pairs[index].key.kind {
            case .expression, .insert:
                hasExpressionKey = true
                isKept = !allowed.isEmpty
                if isKept {
                    read(&pairs[index].value, rules[rules.any], allowed)
                } else {
                    report(
                        "expression-not-allowed", "A template expression is not allowed in this context",
                        at: pairs[index].key)
                }
            case .string("<<") where Self.isMerge(pairs[index].value, in: alternatives, rules):
                report("merge-key", "Merge keys ('<<') are not supported", at: pairs[index].key)
                hasMergeKey = true
                isKept = false
            default: isKept = pair(index, of: &pairs, &alternatives, &seen, allowed)
            }
            guard isKept else { continue }
            if kept < index { pairs.swapAt(kept, index) }
            kept += 1
        }
        // What is missing may be what was to be merged.
        if !hasMergeKey { check(alternatives, seen, pairs, hasExpressionKey, at: place) }
        pairs.removeLast(pairs.count - kept)
    }

    /// Whether the value of a key `<<` has no place under a key of that name.
    private static func isMerge(
        _ value: TemplateToken, in alternatives: Alternatives, _ rules: SchemaRules
    ) -> Bool {
        guard let alternative = alternatives.first, let loose = alternative.looseValue else { return true }
        switch value.kind {
        case .mapping: return rules[loose].mappings.isEmpty
        case .sequence: return rules[loose].item == nil
        default: return false
        }
    }

    /// A pair whose key is a literal; false when it has no place.
    private mutating func pair(
        _ index: Int, of pairs: inout [TemplateToken.Pair], _ alternatives: inout Alternatives,
        _ seen: inout SeenKeys, _ allowed: SchemaNames
    ) -> Bool {
        let name: String
        if case .string(let text) = pairs[index].key.kind {
            name = text
        } else {
            name = pairs[index].key.literalText ?? ""
            pairs[index].key.kind = .string(name)
        }
        guard seen.insert(name, index, of: pairs) else {
            report("duplicate-key", "'\(name)' is already defined", at: pairs[index].key)
            return false
        }
        guard let property = value(of: name, pairs[index].key, in: &alternatives, allowed) else { return false }
        if let unsupported = property.unsupported {
            report("unsupported", "\(unsupported) are not supported", at: pairs[index].key)
        }
        read(&pairs[index].value, rules[property.rule], allowed)
        return true
    }

    /// The rule of a key's value. A key that only some alternatives have leaves only those.
    private mutating func value(
        of name: String, _ key: TemplateToken, in alternatives: inout Alternatives, _ allowed: SchemaNames
    ) -> SchemaRules.Property? {
        if let property = alternatives.property(name) { return property }
        guard let alternative = alternatives.first else { return nil }
        if let rule = alternative.looseValue {
            if let keyRule = alternative.looseKey {
                var key = key
                scalar(&key, rules[keyRule], allowed)
            }
            return SchemaRules.Property(rule: rule, unsupported: nil)
        }
        let known = alternatives.names
        report("unknown-key", "Unexpected value '\(name)'", at: key, hint: Nearest.hint(for: name, among: known))
        return nil
    }

    private mutating func check(
        _ alternatives: Alternatives, _ seen: SeenKeys, _ pairs: [TemplateToken.Pair], _ hasExpressionKey: Bool,
        at place: TemplateToken
    ) {
        if alternatives.count > 1 {
            var counts: [String: Int] = [:]
            for key in alternatives.names { counts[key, default: 0] += 1 }
            let deciding = counts.filter { $0.value == 1 }.keys.sorted().joined(separator: ", ")
            report(
                "ambiguous",
                "There's not enough info to determine what you meant. Add one of these properties: \(deciding)",
                at: place)
        } else if let alternative = alternatives.first, !hasExpressionKey {
            for name in alternative.required where !seen.contains(name, in: pairs) {
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

extension TemplateToken {
    /// The items of a sequence, which is null afterwards: so they have one owner.
    fileprivate mutating func takeItems() -> [TemplateToken]? {
        guard case .sequence(let items) = kind else { return nil }
        kind = .null
        return items
    }

    /// The pairs of a mapping, which is null afterwards.
    fileprivate mutating func takePairs() -> [Pair]? {
        guard case .mapping(let pairs) = kind else { return nil }
        kind = .null
        return pairs
    }
}
