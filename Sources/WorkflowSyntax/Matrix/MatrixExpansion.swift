/// The legs of a job's matrix, as GitHub's server makes them: the product of the vectors in their order (the last
/// varies fastest), less what `exclude` matches, plus what `include` extends or adds.
public struct MatrixExpansion: Sendable {
    private struct Leg {
        /// From the vectors; include never overwrites these.
        var original: [(String, ExpressionValue)]
        var added: [(String, ExpressionValue)] = []
    }

    /// Values keep their kinds; keys their order.
    ///
    /// - Parameter matrix: the evaluated `strategy.matrix`, an object.
    /// - Returns: no leg when `exclude` takes them all.
    /// - Throws: kind `evaluation`, with GitHub's text: no vector, an empty one, too many legs, a wrong shape.
    public static func legs(
        of matrix: ExpressionValue, maximum: Int = 256
    ) throws(ExpressionError) -> [ExpressionObject] {
        guard case .object(let object) = matrix else {
            throw ExpressionError(.evaluation, "A mapping was expected for the matrix")
        }
        var vectors: [(name: String, values: [ExpressionValue])] = []
        var include: [ExpressionObject] = []
        var exclude: [ExpressionObject] = []
        for pair in object.pairs {
            // A leg is stored and shown as JSON, which has neither.
            if let number = infinite(in: pair.value) {
                throw ExpressionError(.evaluation, "Matrix vector '\(pair.key)' has \(number): a value must be finite")
            }
            guard case .array(let array) = pair.value else {
                throw ExpressionError(.evaluation, "Matrix vector '\(pair.key)' must be a sequence")
            }
            switch pair.key.lowercased() {
            case "include": include = try objects(array, "include")
            case "exclude": exclude = try objects(array, "exclude")
            default:
                if array.elements.isEmpty {
                    throw ExpressionError(
                        .evaluation, "Matrix vector '\(pair.key)' does not contain any values")
                }
                vectors.append((pair.key, array.elements))
            }
        }
        if vectors.isEmpty && include.isEmpty {
            throw ExpressionError(.evaluation, "Matrix must define at least one vector")
        }
        // GitHub's server refuses a key that no combination can have; it would exclude nothing.
        for filter in exclude {
            for pair in filter.pairs
            where !vectors.contains(where: { OrdinalText.folded($0.name) == OrdinalText.folded(pair.key) }) {
                throw ExpressionError(
                    .evaluation, "Matrix exclude key '\(pair.key)' does not match any key within the matrix")
            }
        }
        var legs = try product(of: vectors, exclude, maximum)
        try extend(&legs, by: include, Set(vectors.map { OrdinalText.folded($0.name) }), maximum)
        return legs.map { ExpressionObject($0.original + $0.added) }
    }

    /// The leg's values as GitHub shows them behind a job's name: `linux, 18`; nested values one after the other.
    public static func displayText(of leg: ExpressionObject) -> String {
        leaves(.object(leg)).filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func leaves(_ value: ExpressionValue) -> [String] {
        switch value {
        case .array(let array): array.elements.flatMap(leaves)
        case .object(let object): object.pairs.flatMap { leaves($0.value) }
        default: [value.text]
        }
    }

    /// The first number that is none or infinite, as text.
    private static func infinite(in value: ExpressionValue) -> String? {
        switch value {
        case .number(let number): number.isFinite ? nil : value.text
        case .array(let array): array.elements.lazy.compactMap(infinite).first
        case .object(let object): object.pairs.lazy.compactMap { infinite(in: $0.value) }.first
        default: nil
        }
    }

    private static func objects(_ array: ExpressionArray, _ name: String) throws(ExpressionError) -> [ExpressionObject]
    {
        var objects: [ExpressionObject] = []
        for element in array.elements {
            guard case .object(let object) = element else {
                throw ExpressionError(.evaluation, "A mapping was expected for an item of '\(name)'")
            }
            objects.append(object)
        }
        return objects
    }

    // MARK: - Product

    /// Combinations are made one at a time, so that excluded ones cost no memory. At most 64 times the maximum is
    /// looked at.
    private static func product(
        of vectors: [(name: String, values: [ExpressionValue])], _ exclude: [ExpressionObject], _ maximum: Int
    ) throws(ExpressionError) -> [Leg] {
        if vectors.isEmpty { return [] }
        let filters = exclude.compactMap { Self.filter($0, by: vectors.map(\.name)) }
        var legs: [Leg] = []
        var indexes = [Int](repeating: 0, count: vectors.count)
        var looked = 0
        while true {
            looked += 1
            if looked > maximum * 64 { throw tooMany(maximum) }
            let isExcluded = filters.contains {
                $0.allSatisfy { matches(vectors[$0.vector].values[indexes[$0.vector]], $0.value) }
            }
            if !isExcluded {
                legs.append(Leg(original: zip(vectors, indexes).map { ($0.name, $0.values[$1]) }))
                if legs.count > maximum { throw tooMany(maximum) }
            }
            var at = vectors.count - 1
            while at >= 0 {
                indexes[at] += 1
                if indexes[at] < vectors[at].values.count { break }
                indexes[at] = 0
                at -= 1
            }
            if at < 0 { return legs }
        }
    }

    /// An item of `exclude` by the indexes of vectors; nil when it can match nothing.
    private static func filter(
        _ item: ExpressionObject, by names: [String]
    ) -> [(vector: Int, value: ExpressionValue)]? {
        var filter: [(vector: Int, value: ExpressionValue)] = []
        for pair in item.pairs {
            guard let at = names.firstIndex(where: { OrdinalText.same($0, pair.key) }) else { return nil }
            filter.append((at, pair.value))
        }
        return filter.isEmpty ? nil : filter
    }

    private static func tooMany(_ maximum: Int) -> ExpressionError {
        ExpressionError(.evaluation, "The matrix generates more than \(maximum) jobs")
    }

    /// Partial: every key and item of the filter is met. Scalars compare as `==` does.
    private static func matches(_ value: ExpressionValue, _ filter: ExpressionValue) -> Bool {
        switch (value, filter) {
        case (.object(let object), .object(let filter)):
            filter.pairs.allSatisfy { pair in object[pair.key].map { matches($0, pair.value) } ?? false }
        case (.array(let array), .array(let filter)):
            filter.elements.count <= array.elements.count
                && zip(array.elements, filter.elements).allSatisfy { matches($0, $1) }
        default: value.isEqual(to: filter)
        }
    }

    // MARK: - Include

    /// An item extends every original leg whose values it does not overwrite, else it is a leg of its own, which no
    /// later item extends.
    private static func extend(
        _ legs: inout [Leg], by include: [ExpressionObject], _ names: Set<String>, _ maximum: Int
    ) throws(ExpressionError) {
        let originals = legs.count
        for item in include {
            let shared = item.pairs.filter { names.contains(OrdinalText.folded($0.key)) }
            let extra = item.pairs.filter { !names.contains(OrdinalText.folded($0.key)) }.map { ($0.key, $0.value) }
            let filter = ExpressionValue.object(ExpressionObject(shared.map { ($0.key, $0.value) }))
            var extended = false
            for at in 0..<originals where matches(.object(ExpressionObject(legs[at].original)), filter) {
                legs[at].added += extra
                extended = true
            }
            if !extended {
                legs.append(Leg(original: item.pairs.map { ($0.key, $0.value) }))
                if legs.count > maximum { throw tooMany(maximum) }
            }
        }
    }
}
