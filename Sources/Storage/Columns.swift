/// The column names of a result, shared by its rows and by every execution of one prepared statement.
public final class Columns: Sendable {
    public let names: [String]
    /// Position by name; -1 for a name that stands more than once. Nil while a linear search is as quick.
    private let index: [String: Int]?

    public init(_ names: [String]) {
        self.names = names
        guard names.count > 6 || Set(names).count != names.count else {
            index = nil
            return
        }
        index = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, _ in -1 })
    }

    /// Throws `decoding` for a name that no column, or more than one, has.
    @usableFromInline
    func position(of name: String) throws(StorageError) -> Int {
        let found = index.map { $0[name] } ?? names.firstIndex(of: name)
        guard let found else {
            let known = names.joined(separator: ", ")
            throw StorageError(.decoding, subject: name, "the result has no column \(name); it has \(known)")
        }
        guard found >= 0 else {
            throw StorageError(.decoding, subject: name, "the result has more than one column \(name)")
        }
        return found
    }
}
