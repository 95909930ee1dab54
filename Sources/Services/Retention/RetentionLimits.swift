internal import Model
internal import QueryBuilder
internal import Storage

/// The days of every class, as they are set at one moment.
struct RetentionLimits: Sendable {
    private struct Key: Hashable {
        var kind: RetentionClass
        var repository: RepositoryID?
    }

    private var days: [Key: Int64] = [:]
    /// Those with limits of their own.
    let repositories: [RepositoryID]

    init(on db: isolated any StorageConnection) throws {
        let rows = try db.run(Select("class", "repository_id", "days").from("actions_retention"))
        for row in rows {
            let repository = (try row["repository_id"] as Int64?).map { RepositoryID($0) }
            days[Key(kind: try row["class"], repository: repository)] = try row["days"]
        }
        repositories = Set(days.keys.compactMap(\.repository)).sorted { $0.rawValue < $1.rawValue }
    }

    /// What was set for exactly that.
    func set(_ kind: RetentionClass, for repository: RepositoryID?) -> Int64? {
        days[Key(kind: kind, repository: repository)]
    }

    /// What holds there. Logs go with their runs at the latest.
    func days(_ kind: RetentionClass, in repository: RepositoryID?) -> Int64 {
        let own = set(kind, for: repository) ?? set(kind, for: nil) ?? kind.defaultDays
        return kind == .logs ? min(own, days(.runs, in: repository)) : own
    }

    /// Repositories with the same limits: one of each that has its own, and all others.
    func scopes(at now: Timestamp) -> [RetentionScope] {
        let all: [RepositoryID?] = [nil] + repositories
        return all.map { repository in
            RetentionScope(
                repository: repository, except: repository == nil ? self.repositories.map(\.rawValue) : [], now: now,
                days: Dictionary(uniqueKeysWithValues: RetentionClass.allCases.map { ($0, days($0, in: repository)) }))
        }
    }
}
