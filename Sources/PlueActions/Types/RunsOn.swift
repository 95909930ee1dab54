/// Where a job runs: the labels that a runner must have.
public struct RunsOn: Sendable, Hashable {
    /// Each may be an expression in `${{ }}`.
    public var labels: [String]
    /// A group of runners.
    public var group: String?

    public init(_ labels: [String], group: String? = nil) {
        self.labels = labels
        self.group = group
    }

    init?(_ value: JSONValue) {
        switch value {
        case .array(let items):
            labels = items.compactMap(\.scalarText)
            guard labels.count == items.count else { return nil }
        case .object(let members):
            guard members.allSatisfy({ $0.name == "group" || $0.name == "labels" }) else { return nil }
            group = value["group"]?.scalarText
            labels = value["labels"].flatMap { RunsOn($0) }?.labels ?? []
        default:
            guard let text = value.scalarText else { return nil }
            labels = [text]
        }
    }

    var json: JSONValue {
        let list: JSONValue = labels.count == 1 ? .string(labels[0]) : .array(labels.map { .string($0) })
        guard let group else { return list }
        var members = [JSONValue.Member("group", .string(group))]
        if !labels.isEmpty { members.append(JSONValue.Member("labels", list)) }
        return .object(members)
    }
}

extension RunsOn: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    public init(stringLiteral value: String) { self.init([value]) }
    public init(arrayLiteral elements: String...) { self.init(elements) }
}
