internal import Model
internal import QueryBuilder
internal import Storage
internal import Synchronization

/// The order of locks. Who ends the holder of a group locks its run, then the group, then the run that comes next, which
/// others may be about to end too: lock by lock, these would wait for each other. So the group without a name stands
/// for all groups of its repository, and its row is waited for only by who holds no run yet. Who finds only then that
/// it needs the groups, and that they are not free, begins again with them.
final class GroupsFirst: Sendable {
    struct Needed: Error {}

    private let repositories = Mutex<Set<RepositoryID>>([])

    /// In the order in which everybody locks them.
    var all: [RepositoryID] { repositories.withLock { $0.sorted() } }

    func insert(_ repository: RepositoryID) {
        repositories.withLock { _ = $0.insert(repository) }
    }
}

extension ConcurrencySlots {
    static func lockGroups(
        of repository: RepositoryID, _ changes: Changes, waiting: Bool = true, on db: isolated any StorageConnection
    ) throws {
        guard db.dialect.locksRows else { return }
        let results = try db.run([
            group("", of: repository),
            Select("key_folded").from("actions_concurrency_groups")
                .where("repository_id = \(repository)").and("key_folded = ''").forUpdate(skipLocked: !waiting),
        ])
        if results[1].isEmpty {
            changes.groupsFirst.insert(repository)
            throw GroupsFirst.Needed()
        }
        changes.lockedGroups[repository] = []
    }

    /// Locks the groups before the run itself, where the run or a job of it has a slot: its end will need them.
    static func lockGroups(
        heldBy run: RunID, changes: Changes, on db: isolated any StorageConnection
    ) throws {
        guard db.dialect.locksRows, changes.lockedGroups.isEmpty else { return }
        let locked = try db.first(groups(heldBy: run))
        if let locked { changes.lockedGroups[ID(try locked["repository_id"])] = [] }
    }

    /// The row that stands for all groups of the repository, locked, where that run has a slot; `run` may be an
    /// expression.
    static func groups(heldBy run: some Bindable) -> Select {
        Select("repository_id").from("actions_concurrency_groups").where("key_folded = ''")
            .and(
                "repository_id = (SELECT s.repository_id FROM actions_concurrency_slots AS s WHERE s.run_id = \(run) LIMIT 1)"
            ).forUpdate()
    }

    static func group(_ key: String, of repository: RepositoryID) -> Insert {
        Insert("actions_concurrency_groups").values(["repository_id": repository, "key_folded": key])
            .onConflict("repository_id, key_folded", .doNothing)
    }
}
