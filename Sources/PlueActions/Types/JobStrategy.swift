/// `strategy`: how a job becomes several.
public struct JobStrategy: Sendable, Hashable {
    /// A key of the matrix with its values.
    public struct Axis: Sendable, Hashable {
        public var name: String
        public var values: [JSONValue]
        /// `${{ fromJSON(…) }}` in the place of the values.
        public var expression: String?

        public init(_ name: String, _ values: [JSONValue], expression: String? = nil) {
            self.name = name
            self.values = values
            self.expression = expression
        }
    }

    /// In the order of the file, which is that of the legs.
    public var matrix: [Axis]
    public var include: [JSONValue]
    public var exclude: [JSONValue]
    /// `${{ fromJSON(…) }}` in the place of the whole matrix.
    public var matrixExpression: String?
    public var failFast: Bool
    public var maxParallel: Int?
    /// What the fields above cannot hold, such as expressions.
    var rest: [JSONValue.Member] = []
    private var matrixRest: [JSONValue.Member] = []

    public init(
        matrix: [Axis] = [], include: [JSONValue] = [], exclude: [JSONValue] = [], failFast: Bool = true,
        maxParallel: Int? = nil
    ) {
        self.matrix = matrix
        self.include = include
        self.exclude = exclude
        self.failFast = failFast
        self.maxParallel = maxParallel
    }

    init(_ value: JSONValue) {
        self.init()
        var reader = MemberReader(value)
        failFast = reader.boolean("fail-fast") ?? true
        maxParallel = reader.number("max-parallel").flatMap { Int(exactly: $0) }
        let found = reader.take("matrix") { $0 }
        rest = reader.rest
        guard let found else { return }
        guard case .object = found else {
            matrixExpression = found.scalarText
            return
        }
        var members = MemberReader(found)
        include = members.take("include", Self.list) ?? []
        exclude = members.take("exclude", Self.list) ?? []
        for member in members.rest {
            if let values = Self.list(member.value) {
                matrix.append(Axis(member.name, values))
            } else if member.name != "include", member.name != "exclude", let text = member.value.scalarText {
                matrix.append(Axis(member.name, [], expression: text))
            } else {
                matrixRest.append(member)
            }
        }
    }

    private static func list(_ value: JSONValue) -> [JSONValue]? {
        if case .array(let items) = value { items } else { nil }
    }

    var json: JSONValue {
        var writer = MemberWriter(rest: rest)
        if let matrixExpression {
            writer.add("matrix", .string(matrixExpression))
        } else {
            var members = matrix.map { axis in
                JSONValue.Member(axis.name, axis.expression.map { .string($0) } ?? .array(axis.values))
            }
            if !include.isEmpty { members.append(JSONValue.Member("include", .array(include))) }
            if !exclude.isEmpty { members.append(JSONValue.Member("exclude", .array(exclude))) }
            members += matrixRest
            if !members.isEmpty { writer.add("matrix", .object(members)) }
        }
        if !failFast { writer.add("fail-fast", .boolean(false)) }
        writer.add("max-parallel", maxParallel.map { .number(Double($0)) })
        return writer.object
    }
}
