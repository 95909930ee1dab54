import ArgumentParser

/// The database of a command that works on the database itself.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "sqlite:PATH or postgres://… (default: PLUE_DATABASE, else the embedded one).")
    var database: String?
}
