internal import Model
internal import QueryBuilder
internal import Storage

extension StorageBackend {
    /// One part of a list, the newest first: rows below the cursor by `id`, one of `position`'s rows each.
    func page<Element: Sendable>(
        _ query: Select, by id: SQL, after cursor: PageCursor<Element>?, limit: Int,
        position: @escaping @Sendable (Element) -> Int64, _ element: @escaping @Sendable (Row) throws -> Element
    ) async throws -> Page<Element> {
        let limit = try InputCheck.limit(limit)
        var query = query.orderBy("\(id) DESC").limit(limit + 1)
        if let cursor { query = query.and("\(id) < \(cursor.position)") }
        let chosen = query
        return try await read { db in
            Page(try db.run(chosen).map(element), limit: limit, position: position)
        }
    }
}
