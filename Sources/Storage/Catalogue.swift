/// What a database's own catalogue says of a table.
public struct TableInfo: Sendable, Hashable {
    public var name: String
    /// In the order of the table.
    public var columns: [ColumnInfo]
    /// Tables that its foreign keys name, itself left out.
    public var references: [String]

    /// In the order of the key.
    public var primaryKey: [String] {
        columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
    }
}

public struct ColumnInfo: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case boolean, integer, double, text, json, blob, timestamp
    }

    public var name: String
    /// As the database stores it: in SQLite booleans and moments are integers, JSON is text.
    public var kind: Kind
    public var isNullable: Bool
    /// From 1; 0: no part of the primary key.
    public var keyPosition: Int
}

public struct IndexInfo: Sendable, Hashable {
    public var name: String
    public var table: String
    /// Columns or expressions with commas between them.
    public var columns: String
    public var isUnique: Bool
}

/// A role that a database knows.
public struct RoleInfo: Sendable, Hashable {
    /// It may do what the owner of the tables, or of their schema, may.
    public var isOwner: Bool
    /// It may make tables and functions beside them.
    public var canCreate: Bool
}

/// The triggers of a table or of a partition.
public struct TableTriggers: Sendable, Hashable {
    public struct Trigger: Sendable, Hashable {
        public var name: String
        /// It fires whoever writes: no setting of a session turns it off, and it is not disabled.
        public var isAlways: Bool
        /// As the database prints it.
        public var definition: String
    }

    public var table: String
    /// Of a partition: the table.
    public var parent: String?
    public var triggers: [Trigger]
}

/// The queries of a dialect's catalogue, each with the parameter that its comment names.
public struct CatalogueQueries: Sendable, Hashable {
    /// A LIKE pattern with `\` as escape; `name`. Partitions are left out.
    var tables: String
    /// A table; `name`, `kind`, `required`, `key_position`.
    var columns: String
    /// A table; `name`.
    var references: String
    /// A table; `name`, `columns`, `is_unique`.
    var indexes: String
    /// A LIKE pattern with `\` as escape for the names of tables; `table_name`, `parent`, and of each trigger `name`,
    /// `is_always`, `definition`; a table without triggers is one row. Partitions follow the name of their table.
    var triggers: String
    /// A role; `is_owner`, whether it may do what the owner of the tables, or of their schema, may, and `can_create`, whether
    /// it may make others beside them. Nil where there are no roles.
    var roles: String?
    /// No parameter; `id` of each row whose foreign key leads nowhere. Nil where the database lets no one make such.
    var dangling: String?

    static let sqlite = Self(
        tables: #"SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ? ESCAPE '\' ORDER BY name"#,
        columns: #"SELECT name, type AS kind, "notnull" AS required, pk AS key_position FROM pragma_table_info(?)"#
            + " ORDER BY cid",
        references: #"SELECT DISTINCT "table" AS name FROM pragma_foreign_key_list(?)"#,
        indexes: """
            SELECT l.name, l."unique" AS is_unique, (SELECT group_concat(coalesce(i.name, '(expression)'), ', ')
            FROM pragma_index_info(l.name) AS i) AS columns FROM pragma_index_list(?) AS l ORDER BY l.name
            """,
        triggers: #"""
            SELECT s.name AS table_name, NULL AS parent, t.name AS name, 1 AS is_always, t.sql AS definition
            FROM sqlite_schema AS s LEFT JOIN sqlite_schema AS t ON t.type = 'trigger' AND t.tbl_name = s.name
            WHERE s.type = 'table' AND s.name LIKE ? ESCAPE '\' ORDER BY s.name, t.name
            """#,
        roles: nil,
        dangling: "SELECT coalesce(rowid, 0) AS id FROM pragma_foreign_key_check")

    static let postgres = Self(
        tables: #"""
            SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'p') AND NOT relispartition AND relname LIKE $1 ESCAPE '\' ORDER BY relname
            """#,
        columns: """
            SELECT a.attname AS name, format_type(a.atttypid, NULL) AS kind, a.attnotnull AS required,
            coalesce((SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index AS i
            WHERE i.indrelid = a.attrelid AND i.indisprimary), 0)::bigint AS key_position FROM pg_attribute AS a
            WHERE a.attrelid = (SELECT oid FROM pg_class
            WHERE relname = $1 AND relnamespace = current_schema()::regnamespace) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """,
        references: """
            SELECT DISTINCT f.relname AS name FROM pg_constraint AS c JOIN pg_class AS f ON f.oid = c.confrelid
            WHERE c.contype = 'f' AND c.conrelid = (SELECT oid FROM pg_class
            WHERE relname = $1 AND relnamespace = current_schema()::regnamespace) AND NOT f.relispartition
            """,
        indexes: """
            SELECT c.relname AS name, i.indisunique AS is_unique, array_to_string(array(SELECT
            pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k), ', ')
            AS columns FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = (SELECT oid FROM pg_class
            WHERE relname = $1 AND relnamespace = current_schema()::regnamespace) ORDER BY c.relname
            """,
        triggers: #"""
            SELECT c.relname AS table_name, p.relname AS parent, t.tgname AS name, t.tgenabled = 'A' AS is_always,
            pg_get_triggerdef(t.oid) AS definition FROM pg_class AS c LEFT JOIN (pg_inherits AS i
            JOIN pg_class AS p ON p.oid = i.inhparent) ON i.inhrelid = c.oid AND c.relispartition
            LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid WHERE c.relkind IN ('r', 'p')
            AND coalesce(p.relnamespace, c.relnamespace) = current_schema()::regnamespace
            AND coalesce(p.relname, c.relname) LIKE $1 ESCAPE '\' ORDER BY c.relname, t.tgname
            """#,
        roles: """
            SELECT pg_has_role(r.oid, c.relowner, 'MEMBER') OR pg_has_role(r.oid, n.nspowner, 'MEMBER') AS is_owner,
            has_schema_privilege(r.oid, n.oid, 'CREATE') AS can_create FROM pg_roles AS r, pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE r.rolname = $1
            AND c.relnamespace = current_schema()::regnamespace AND c.relname = 'actions_schema_migrations'
            """,
        dangling: nil)
}

extension StorageConnection {
    /// The tables whose names match a LIKE pattern with `\` as escape, by name.
    public func tables(matching pattern: String) throws(StorageError) -> [String] {
        try names(dialect.catalogue.tables, pattern)
    }

    /// Throws `noSuchTable`.
    public func table(_ name: String) throws(StorageError) -> TableInfo {
        var columns: [ColumnInfo] = []
        for row in try query(dialect.catalogue.columns, name) {
            let kind: String = try row["kind"]
            let required: Bool = try row["required"]
            columns.append(
                ColumnInfo(
                    name: try row["name"], kind: try ColumnInfo.Kind(databaseType: kind, column: name),
                    isNullable: !required, keyPosition: try row["key_position"]))
        }
        guard !columns.isEmpty else {
            throw StorageError(.noSuchTable, subject: name, "there is no table \(name)")
        }
        let references = try names(dialect.catalogue.references, name).filter { $0 != name }
        return TableInfo(name: name, columns: columns, references: references.sorted())
    }

    /// The indexes of a table, by name; those of its keys among them.
    public func indexes(of table: String) throws(StorageError) -> [IndexInfo] {
        var indexes: [IndexInfo] = []
        for row in try query(dialect.catalogue.indexes, table) {
            indexes.append(
                IndexInfo(
                    name: try row["name"], table: table, columns: try row["columns"], isUnique: try row["is_unique"]))
        }
        return indexes
    }

    /// The triggers of the tables whose names match a LIKE pattern with `\` as escape, and of their partitions, by name.
    public func triggers(ofTables pattern: String) throws(StorageError) -> [TableTriggers] {
        var tables: [TableTriggers] = []
        for row in try query(dialect.catalogue.triggers, pattern) {
            let table: String = try row["table_name"]
            if tables.last?.table != table {
                tables.append(TableTriggers(table: table, parent: try row["parent"], triggers: []))
            }
            guard let name: String = try row["name"] else { continue }
            tables[tables.count - 1].triggers.append(
                TableTriggers.Trigger(
                    name: name, isAlways: try row["is_always"], definition: try row["definition"]))
        }
        return tables
    }

    /// What a role of the database may do to the schema; nil where there is no such role. Throws `permission` where the
    /// database has none at all: whoever opens it owns it.
    public func role(_ name: String) throws(StorageError) -> RoleInfo? {
        guard let sql = dialect.catalogue.roles else {
            throw StorageError(.permission, subject: name, "\(dialect.name) has no roles")
        }
        guard let row = try query(sql, name).first else { return nil }
        return RoleInfo(isOwner: try row["is_owner"], canCreate: try row["can_create"])
    }

    /// The ids of rows whose foreign keys lead nowhere, as a program that does not look at them may leave them.
    public func danglingReferences() throws(StorageError) -> [Int64] {
        guard let sql = dialect.catalogue.dangling else { return [] }
        var ids: [Int64] = []
        for row in try execute(Statement(sql: sql)) { ids.append(try row["id"]) }
        return ids
    }

    private func query(_ sql: String, _ parameter: String) throws(StorageError) -> Rows {
        // SQLite refuses long patterns, as an error of the statement; no name is as long.
        guard parameter.utf8.count <= 1024 else {
            throw StorageError(.invalidValue, "a name or pattern is over 1024 bytes")
        }
        return try execute(Statement(sql: sql, parameters: [.text(parameter)]))
    }

    private func names(_ sql: String, _ parameter: String) throws(StorageError) -> [String] {
        var names: [String] = []
        for row in try query(sql, parameter) { names.append(try row["name"]) }
        return names
    }
}

extension ColumnInfo.Kind {
    /// Throws `decoding` for a type that no schema of ours uses.
    fileprivate init(databaseType type: String, column: String) throws(StorageError) {
        switch type.lowercased() {
        case "boolean": self = .boolean
        case "integer", "bigint": self = .integer
        case "real", "double precision": self = .double
        case "text": self = .text
        case "json": self = .json
        case "blob", "bytea": self = .blob
        case "timestamp with time zone": self = .timestamp
        default: throw StorageError(.decoding, subject: column, "column \(column) has the type \(type)")
        }
    }
}
