import CLibPQ

/// One step of a pipeline.
enum Command {
    case prepare(name: String, sql: String, types: [Oid])
    case describe(name: String)
    case execute(name: String, Parameters)
    /// A statement that is not kept, with the types of its parameters.
    case query(sql: String, Parameters, types: [Oid])
    /// The server is to send what it has so far; has no result.
    case flush

    static func text(_ sql: String) -> Command { .query(sql: sql, Parameters(), types: []) }

    var hasResult: Bool {
        if case .flush = self { return false }
        return true
    }

    /// Bytes to send, about.
    var size: Int {
        switch self {
        case .prepare(_, let sql, _): sql.utf8.count
        case .execute(_, let parameters): parameters.bytes.count
        case .query(let sql, let parameters, _): sql.utf8.count + parameters.bytes.count
        case .describe, .flush: 0
        }
    }

    /// Hands it to libpq; false if the connection does not take it.
    func send(_ connection: OpaquePointer) -> Bool {
        switch self {
        case .prepare(let name, let sql, let types):
            return plue_PQsendPrepare(connection, name, sql, Int32(types.count), types) == 1
        case .describe(let name):
            return plue_PQsendDescribePrepared(connection, name) == 1
        case .execute(let name, let parameters):
            return parameters.withPointers {
                plue_PQsendQueryPrepared(connection, name, Int32(parameters.count), $0, $1, $2, 1)
            } == 1
        case .query(let sql, let parameters, let types):
            return parameters.withPointers {
                plue_PQsendQueryParams(connection, sql, Int32(parameters.count), types, $0, $1, $2, 1)
            } == 1
        case .flush:
            return plue_PQsendFlushRequest(connection) == 1
        }
    }
}
