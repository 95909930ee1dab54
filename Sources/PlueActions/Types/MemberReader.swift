/// Takes the members of an object that fit a type's fields; what does not is left, to be written back as it came.
struct MemberReader {
    private(set) var rest: [JSONValue.Member]

    init(_ value: JSONValue) {
        if case .object(let members) = value { rest = members } else { rest = [] }
    }

    mutating func take<T>(_ name: String, _ read: (JSONValue) -> T?) -> T? {
        guard let index = rest.firstIndex(where: { $0.name == name }), let value = read(rest[index].value) else {
            return nil
        }
        rest.remove(at: index)
        return value
    }

    mutating func text(_ name: String) -> String? {
        take(name) { value in
            if case .array = value { nil } else { value.scalarText }
        }
    }

    mutating func boolean(_ name: String) -> Bool? {
        take(name) { if case .boolean(let value) = $0 { value } else { nil } }
    }

    mutating func number(_ name: String) -> Double? {
        take(name) { if case .number(let value) = $0 { value } else { nil } }
    }

    /// A text or a list of texts.
    mutating func texts(_ name: String) -> [String]? {
        take(name) { value in
            guard case .array(let items) = value else { return value.scalarText.map { [$0] } }
            let texts = items.compactMap(\.scalarText)
            return texts.count == items.count ? texts : nil
        }
    }

    /// An object of scalars.
    mutating func dictionary(_ name: String) -> [String: String]? {
        take(name) { value in
            guard case .object(let members) = value else { return nil }
            var dictionary: [String: String] = [:]
            for member in members {
                // `${{ insert }}` and the like keep their place.
                guard let text = member.value.scalarText, !member.name.hasPrefix("${{") else { return nil }
                dictionary[member.name] = text
            }
            return dictionary
        }
    }

    /// The text of an `if`, without `${{ }}`.
    mutating func condition() -> String? {
        guard let text = text("if") else { return nil }
        guard text.hasPrefix("${{ "), text.hasSuffix(" }}") else { return text }
        return String(text.dropFirst(4).dropLast(3))
    }
}

/// Collects an object's members.
struct MemberWriter {
    private var members: [JSONValue.Member] = []
    private let rest: [JSONValue.Member]

    init(rest: [JSONValue.Member]) {
        self.rest = rest
    }

    mutating func add(_ name: String, _ value: JSONValue?) {
        guard let value, !rest.contains(where: { $0.name == name }) else { return }
        members.append(JSONValue.Member(name, value))
    }

    mutating func add(_ name: String, _ text: String?) {
        add(name, text.map { JSONValue.string($0) })
    }

    mutating func add(_ name: String, _ dictionary: [String: String]) {
        guard !dictionary.isEmpty else { return }
        let sorted = dictionary.sorted { $0.key < $1.key }
        add(name, .object(sorted.map { JSONValue.Member($0.key, .string($0.value)) }))
    }

    mutating func add(_ name: String, _ list: [String]) {
        if !list.isEmpty { add(name, .array(list.map { .string($0) })) }
    }

    /// `if`
    mutating func add(condition: String?) {
        add("if", condition)
    }

    var object: JSONValue { .object(members + rest) }
}
