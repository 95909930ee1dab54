import Storage

/// Collects a statement's text and parameters for one dialect.
public struct SQLPrinter: ~Copyable {
    let dialect: Dialect
    // A buffer of its own: a dozen small texts make a statement, and an array's `append(contentsOf:)` costs more than
    // they do.
    private var start: UnsafeMutableRawPointer
    private var capacity = 512
    private var count = 0
    private var parameters: [Value] = []
    /// The parameters that a prepared query's arguments take the place of, in order.
    private(set) var arguments: [(parameter: Int, argument: Int)] = []

    init(_ dialect: Dialect) {
        self.dialect = dialect
        start = .allocate(byteCount: capacity, alignment: 1)
    }

    deinit {
        start.deallocate()
    }

    var statement: Statement {
        let text = UnsafeRawBufferPointer(start: start, count: count)
        return Statement(sql: String(decoding: text, as: UTF8.self), parameters: parameters)
    }

    mutating func text(_ literal: StaticString) {
        if literal.hasPointerRepresentation {
            append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        } else {
            literal.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Text of the dialect, or digits: never anything from outside.
    mutating func append(dialectText: String) {
        var text = dialectText
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if count + bytes.count > capacity { grow(bytes.count) }
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 1)
        larger.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = larger
    }

    mutating func append(_ fragment: SQL) {
        append(fragment.parts)
    }

    mutating func append(_ part: SQL.Part) {
        switch part {
        case .literal(let literal): text(literal)
        case .identifier(let name): append(dialectText: "\"" + name.replacing("\"", with: "\"\"") + "\"")
        case .dialectText(let text): append(dialectText: text)
        case .binaryCollation: append(dialectText: dialect.binaryCollation)
        case .value(let value): append(value)
        case .argument(let index, let isList):
            arguments.append((parameters.count, index))
            append(isList ? .integers([]) : .null)
        case .json(let json):
            appendParameter(.text(json))
            append(dialectText: dialect.jsonCast)
        case .now: append(dialectText: dialect.now)
        case .later(let microseconds):
            append(dialectText: "(" + dialect.now + " + \(microseconds)" + dialect.microseconds + ")")
        case .clampedNow(let column):
            // SQLite's max() is NULL if an argument is; PostgreSQL's greatest() passes NULLs over.
            append(dialectText: dialect.greatest + "(" + dialect.now + ", coalesce(")
            text(column)
            text(", ")
            append(dialectText: dialect.now + "))")
        case .nested(let parts): append(parts)
        case .jsonCast: append(dialectText: dialect.jsonCast)
        case .rowTable(let table, let alias, let rows): table.print(as: alias, rows, into: &self)
        case .month(let moment):
            append(dialectText: dialect.month.before)
            append(moment)
            append(dialectText: dialect.month.after)
        case .subquery(let query):
            text("(")
            query.print(into: &self)
            text(")")
        case .keys(let query):
            openList()
            switch dialect.list {
            case .jsonEach: query.print(into: &self)
            case .anyArray:
                text("ARRAY(")
                query.print(into: &self)
                text(")")
            }
            text(")")
        }
    }

    mutating func append(_ value: Value) {
        switch value {
        case .integers, .texts: appendList(value)
        default: appendParameter(value)
        }
    }

    /// The fragments with `separator` between them.
    mutating func append(_ fragments: [SQL], separator: StaticString) {
        for (index, fragment) in fragments.enumerated() {
            if index > 0 { text(separator) }
            append(fragment)
        }
    }

    /// The names with commas between them.
    mutating func append(_ names: [StaticString]) {
        for (index, name) in names.enumerated() {
            if index > 0 { text(", ") }
            text(name)
        }
    }

    private mutating func append(_ parts: [SQL.Part]) {
        for part in parts { append(part) }
    }

    private mutating func appendParameter(_ value: Value) {
        parameters.append(value)
        switch dialect.placeholder {
        case .question: text("?")
        case .dollar: append(dialectText: dialect.parameter(parameters.count))
        }
    }

    /// A list after `IN` or `NOT IN`.
    private mutating func appendList(_ list: Value) {
        openList()
        switch dialect.list {
        case .jsonEach:
            text("SELECT value FROM json_each(")
            appendParameter(list)
            text(")")
        case .anyArray: appendParameter(list)
        }
        text(")")
    }

    /// Opens the parenthesis of a list; PostgreSQL's form replaces the word before it.
    private mutating func openList() {
        switch dialect.list {
        case .jsonEach: text("(")
        case .anyArray:
            if removeSuffix("NOT IN ") {
                text("<> ALL(")
            } else if removeSuffix("IN ") {
                text("= ANY(")
            } else {
                text("(")
            }
        }
    }

    private mutating func removeSuffix(_ suffix: String) -> Bool {
        let text = UnsafeRawBufferPointer(start: start, count: count)
        guard text.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else { return false }
        count -= suffix.utf8.count
        return true
    }
}
