import CLibPQ
import Storage

/// A statement that the server has parsed, or is about to. One text may have several, with different parameter types.
final class PreparedStatement {
    let sql: String
    /// On the server.
    let name: String
    /// As declared: `unspecified` where the server infers.
    let declared: [Oid]
    /// As the server knows them; as declared until it has said so.
    private(set) var types: [Oid]
    /// The server has it.
    var isReady = false
    /// It may leave something in the session that the next lease must not find.
    let touchesSession: Bool
    /// Order of use, for the cache.
    var lastUse: UInt64 = 0
    private var shape: Shape?

    init(_ statement: Statement, name: String) {
        sql = statement.sql
        self.name = name
        declared = statement.parameters.map(Encoder.declaredType)
        types = declared
        touchesSession =
            sql.utf8.count > 20 && (sql.contains("advisory_lock") || sql.contains("set_config"))
            // What this sets ends with the transaction.
            && sql != Dialect.postgres.planByIndex
    }

    /// The server must say what it inferred.
    var needsDescription: Bool { types.contains(TypeOID.unspecified) }

    func describe(_ description: PostgresResult) {
        let known = description.parameterTypes
        if known.count == types.count { types = known }
    }

    func accepts(_ values: [Value]) -> Bool {
        guard values.count == declared.count else { return false }
        for (index, value) in values.enumerated() {
            guard Encoder.fits(value, declared: declared[index], actual: types[index]) else { return false }
        }
        return true
    }

    func encode(_ values: [Value]) throws(StorageError) -> Parameters {
        var parameters = Parameters()
        parameters.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            try Encoder.append(value, type: types[index], to: &parameters)
        }
        return parameters
    }

    func rows(_ result: PostgresResult) throws(StorageError) -> Rows {
        let known = shape?.matches(result) == true ? shape : nil
        let shape = known ?? Shape(result)
        self.shape = shape
        return try shape.rows(result)
    }
}
