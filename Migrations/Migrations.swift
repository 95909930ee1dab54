public import Storage

/// The schema's migrations, embedded from the folders beside this file when it is built.
public enum Migrations {
    public static var sqlite: [Migration] { list(EmbeddedMigrations.sqlite) }

    public static var postgres: [Migration] { list(EmbeddedMigrations.postgres) }

    /// The embedder has checked that names are `0001_runs` and the like.
    private static func list(_ files: [(name: StaticString, script: StaticString)]) -> [Migration] {
        files.map { file in
            let name = file.name.description
            return Migration(
                version: Int(name.prefix(4)) ?? 0, name: String(name.dropFirst(5)), script: file.script.description)
        }
    }
}
