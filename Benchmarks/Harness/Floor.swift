internal import CBenchmarkFloor

/// The C loops of one database, by what they do. Seconds.
final class Floor {
    private let selecting: (Int32) -> Int64
    private let inserting: (Int32) -> Int64
    private let pipelining: ((Int32, Int32) -> Int64)?
    private let closing: () -> Void

    /// A new file at `path`.
    init(sqlite path: String) throws {
        guard let floor = plue_floor_sqlite_open(path) else {
            throw BenchmarkError("the C loop cannot open \(path)")
        }
        selecting = { plue_floor_sqlite_select(floor, $0) }
        inserting = { plue_floor_sqlite_insert(floor, $0) }
        pipelining = nil
        closing = { plue_floor_sqlite_close(floor) }
    }

    /// `setup` gives the session the driver's settings.
    init(postgres connection: String, setup: String) throws {
        guard let floor = plue_floor_postgres_open(connection, setup) else {
            throw BenchmarkError("the C loop cannot connect to PostgreSQL")
        }
        selecting = { plue_floor_postgres_select(floor, $0) }
        inserting = { plue_floor_postgres_insert(floor, $0) }
        pipelining = { plue_floor_postgres_pipeline(floor, $0, $1) }
        closing = { plue_floor_postgres_close(floor) }
    }

    deinit {
        closing()
    }

    func select(_ count: Int) throws -> Double { try seconds(selecting(Int32(count))) }

    func insert(_ count: Int) throws -> Double { try seconds(inserting(Int32(count))) }

    /// Nil where there are no round trips.
    func pipeline(_ count: Int, batch: Int) throws -> Double? {
        try pipelining.map { try seconds($0(Int32(count), Int32(batch))) }
    }

    private func seconds(_ nanoseconds: Int64) throws -> Double {
        guard nanoseconds >= 0 else { throw BenchmarkError("a statement of the C loop failed") }
        return Double(nanoseconds) / 1e9
    }
}
