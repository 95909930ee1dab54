/// A matrix with too many legs, and `exclude` that excludes nothing.
struct MatrixLint {
    private let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String) {
        self.file = file
    }

    mutating func check(_ matrix: TemplateToken?) {
        guard let matrix else { return }
        if Self.isConstant(matrix) { checkLegs(matrix) }
        guard let exclude = matrix["exclude"] else { return }
        if matrix.pairs.contains(where: { $0.key.literalText == nil }) { return }
        for item in exclude.items {
            for pair in item.pairs {
                guard let name = pair.key.literalText else { continue }
                guard let vector = vector(name, in: matrix) else {
                    report("'\(name)' in 'exclude' is no vector of the matrix", at: pair.key.position)
                    continue
                }
                guard case .sequence(let values) = vector.kind else { continue }
                if !values.contains(where: { Self.mayMatch($0, pair.value) }) {
                    report("The value of '\(name)' in 'exclude' matches nothing in the matrix", at: pair.value.position)
                }
            }
        }
    }

    /// Of constants it is the same in each run. What `exclude` names wrongly is told by itself.
    private mutating func checkLegs(_ matrix: TemplateToken) {
        do {
            _ = try MatrixExpansion.legs(of: matrix.evaluate(in: ExpressionContext()))
        } catch let error as ExpressionError where !error.message.contains("exclude") {
            diagnostics.append(Diagnostic(lint: .matrix, message: error.message, file: file, at: matrix.position))
        } catch {}
    }

    private static func isConstant(_ token: TemplateToken) -> Bool {
        switch token.kind {
        case .expression, .insert: false
        case .sequence(let items): items.allSatisfy(isConstant)
        case .mapping(let pairs): pairs.allSatisfy { isConstant($0.key) && isConstant($0.value) }
        default: true
        }
    }

    private func vector(_ name: String, in matrix: TemplateToken) -> TemplateToken? {
        matrix.pairs.first {
            let key = $0.key.literalText ?? ""
            return OrdinalText.same(key, name) && key != "include" && key != "exclude"
        }?.value
    }

    private mutating func report(_ message: String, at position: SourcePosition) {
        diagnostics.append(Diagnostic(lint: .matrixExclude, message: message, file: file, at: position))
    }

    /// Expressions may be anything.
    private static func mayMatch(_ value: TemplateToken, _ filter: TemplateToken) -> Bool {
        switch (value.kind, filter.kind) {
        case (.expression, _), (_, .expression), (.insert, _), (_, .insert): return true
        case (.mapping(let pairs), .mapping(let wanted)):
            return wanted.allSatisfy { want in
                guard let name = want.key.literalText else { return true }
                return pairs.contains { pair in
                    guard let key = pair.key.literalText else { return true }
                    return OrdinalText.same(key, name) && mayMatch(pair.value, want.value)
                }
            }
        case (.sequence(let items), .sequence(let wanted)):
            return wanted.count <= items.count && zip(items, wanted).allSatisfy { mayMatch($0, $1) }
        case (.mapping, _), (_, .mapping), (.sequence, _), (_, .sequence): return false
        default: return literal(value).isEqual(to: literal(filter))
        }
    }

    private static func literal(_ token: TemplateToken) -> ExpressionValue {
        switch token.kind {
        case .boolean(let value): .boolean(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        default: .null
        }
    }
}
