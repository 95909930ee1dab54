/// The definitions that a mapping may still follow.
struct Alternatives {
    private let all: [SchemaRules.Mapping]
    /// A bit for each that is left; never none.
    private var left: UInt64

    init(_ all: [SchemaRules.Mapping]) {
        self.all = all
        left = (1 << UInt64(all.count)) - 1
    }

    var count: Int { left.nonzeroBitCount }

    var first: SchemaRules.Mapping? {
        all.indices.contains(left.trailingZeroBitCount) ? all[left.trailingZeroBitCount] : nil
    }

    /// Of all that are left.
    var names: [String] {
        all.indices.filter { left & (1 << UInt64($0)) != 0 }.flatMap { all[$0].keys.names }
    }

    /// The property of the first that has it. Those that have it not are left out, unless none has it.
    mutating func property(_ name: String) -> SchemaRules.Property? {
        var found: SchemaRules.Property?
        var having: UInt64 = 0
        for index in all.indices where left & (1 << UInt64(index)) != 0 {
            guard let property = all[index][name] else { continue }
            if having == 0 { found = property }
            having |= 1 << UInt64(index)
        }
        if having != 0 { left = having }
        return found
    }
}
