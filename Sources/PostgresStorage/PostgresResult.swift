import CLibPQ
import Glibc
import Storage

/// A `PGresult`, freed with its last reference.
final class PostgresResult {
    let pointer: OpaquePointer
    let status: Int32

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        status = plue_PQresultStatus(pointer)
    }

    deinit {
        plue_PQclear(pointer)
    }

    var isFailure: Bool {
        status != Int32(PLUE_COMMAND_OK) && status != Int32(PLUE_TUPLES_OK) && status != Int32(PLUE_COPY_IN)
            && status != Int32(PLUE_PIPELINE_SYNC) && status != Int32(PLUE_EMPTY_QUERY)
    }

    /// `INSERT 0 1`, `COMMIT`, …
    var tag: String { plue_PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// Rows inserted, updated or deleted.
    var changes: Int {
        // Asked of every result: by the tag's first letter, INSERT, UPDATE, DELETE, MERGE or COPY.
        guard let tag = plue_PQcmdStatus(pointer) else { return 0 }
        switch UInt8(bitPattern: tag[0]) {
        case UInt8(ascii: "I"), UInt8(ascii: "U"), UInt8(ascii: "D"), UInt8(ascii: "C"): break
        case UInt8(ascii: "M") where UInt8(bitPattern: tag[1]) == UInt8(ascii: "E"): break
        default: return 0
        }
        // Empty where there is no count.
        return plue_PQcmdTuples(pointer).map { atol($0) } ?? 0
    }

    var parameterTypes: [Oid] {
        (0..<plue_PQnparams(pointer)).map { plue_PQparamtype(pointer, $0) }
    }

    var columnTypes: [Oid] {
        (0..<plue_PQnfields(pointer)).map { plue_PQftype(pointer, $0) }
    }

    var columnNames: [String] {
        (0..<plue_PQnfields(pointer)).map { plue_PQfname(pointer, $0).map { String(cString: $0) } ?? "" }
    }

    /// A field of the error report: `PG_DIAG_…`, a letter.
    func field(_ letter: Unicode.Scalar) -> String? {
        plue_PQresultErrorField(pointer, Int32(letter.value)).map { String(cString: $0) }
    }
}
