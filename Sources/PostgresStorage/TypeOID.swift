import CLibPQ

/// Object identifiers of the built-in types (`pg_type.dat`), which never change.
enum TypeOID {
    /// The server infers the type.
    static let unspecified: Oid = 0
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let char: Oid = 18
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let json: Oid = 114
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let unknown: Oid = 705
    static let int4Array: Oid = 1007
    static let textArray: Oid = 1009
    static let varcharArray: Oid = 1015
    static let int8Array: Oid = 1016
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let date: Oid = 1082
    static let timestamp: Oid = 1114
    static let timestamptz: Oid = 1184
    static let numeric: Oid = 1700
    static let void: Oid = 2278
    static let uuid: Oid = 2950
    static let jsonb: Oid = 3802
    static let xid8: Oid = 5069

    /// Microseconds from 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
    static let epoch: Int64 = 946_684_800_000_000
}
