internal import Model
internal import QueryBuilder
internal import Storage

/// The reads of a check: one statement each.
enum AccessRows {
    /// Where what is asked for belongs. Empty: nowhere but to the installation, or it is not there.
    struct Place: Sendable {
        var repository: RepositoryID?
        var organization: Int64?
        var isPublic = false

        init() {}

        init(_ row: Row) throws {
            repository = (try row["repository_id"] as Int64?).map { ID($0) }
            organization = try row["organization_id"]
            isPublic = try row["visibility"] as String? == "public"
        }
    }

    struct UserRights: Sendable {
        var isEnforced: Bool
        /// Of the highest role that holds there.
        var rank: Int64?

        init(_ row: Row) throws {
            isEnforced = try row["is_enforced"]
            rank = try row["rank"]
        }
    }

    static let isEnforced: SQL = "EXISTS (SELECT 1 FROM actions_role_grants)"

    /// The place of what is asked for, the user's highest role there, and whether anybody has a role.
    static func user(_ name: String, _ target: AccessTarget) -> Select {
        let highest = Select("max(\(rank))").from("actions_role_grants AS g").where(isOf(name))
            .and(
                """
                (g.repository_id IS NULL AND g.organization_id IS NULL) OR g.repository_id = t.repository_id
                OR g.organization_id = t.organization_id
                """)
        return places(target).columns("\(isEnforced) AS is_enforced", "\(highest) AS rank")
    }

    /// The place of what is asked for, and whether the claim lives whose token the job has shown.
    static func job(_ authority: JobAuthority, _ target: AccessTarget) -> Select {
        let lease = Select("1").from("actions_leases AS l")
            .where("l.execution_id = \(authority.token.executionID)")
            .and("l.fencing_token = \(authority.token.fencingToken)").and("l.token_sha256 IS NOT NULL")
            .and(isHeld)
        return places(target).columns("EXISTS \(lease) AS is_live")
    }

    /// Whether a runner speaks for the claim; `l`, its lease. Of one without an end its lock file tells.
    static let isHeld: SQL = "l.lease_until IS NULL OR l.lease_until >= \(.now)"

    /// Repositories that the principal may see, of all: a condition on `p`, a row of theirs.
    ///
    /// While nobody was granted a role a user sees all, as the system does.
    static func visible(to principal: Principal) -> SQL {
        switch principal.kind {
        case .system: return "1 = 1"
        case .runner: return "1 = 0"
        case .job:
            guard let authority = principal.authority else { return "1 = 0" }
            return "p.id = \(authority.repositoryID)"
        case .user:
            return """
                p.visibility = 'public' OR NOT \(isEnforced) OR EXISTS (SELECT 1 FROM actions_role_grants AS g
                WHERE \(isOf(principal.name)) AND ((g.repository_id IS NULL AND g.organization_id IS NULL)
                OR g.repository_id = p.id OR g.organization_id = p.organization_id))
                """
        }
    }

    /// Grants of that user; `g`.
    static func isOf(_ user: String) -> SQL {
        "g.principal_kind = 'user' AND g.principal_folded = \(user.lowercased())"
    }

    /// As ``Role/rank`` counts.
    private static let rank: SQL = """
        CASE g.role WHEN 'read' THEN 1 WHEN 'triage' THEN 2 WHEN 'write' THEN 3 WHEN 'maintain' THEN 4 ELSE 5 END
        """

    /// One row, also when the target is not there.
    private static func places(_ target: AccessTarget) -> Select {
        Select("t.repository_id", "t.organization_id", "t.visibility").from(Select("1 AS one"), as: "o")
            .leftJoin("\(place(target)) AS t", on: "1 = 1")
    }

    private static func place(_ target: AccessTarget) -> Select {
        let ofRepository = Select("p.id AS repository_id", "p.organization_id", "p.visibility")
        func owned(_ table: SQL) -> Select {
            ofRepository.from(table).join("actions_repositories AS p", on: "p.id = x.repository_id")
        }
        switch target {
        case .installation: return apart("CAST(NULL AS BIGINT)")
        case .organization(let id): return apart("CAST(\(id) AS BIGINT)")
        case .repository(let id): return ofRepository.from("actions_repositories AS p").where("p.id = \(id)")
        case .workflow(let id): return owned("actions_workflows AS x").where("x.id = \(id)")
        case .schedule(let id): return owned("actions_schedules AS x").where("x.id = \(id)")
        case .run(let id): return owned("actions_workflow_runs AS x").where("x.id = \(id)")
        case .job(let id): return owned("actions_job_executions AS x").where("x.id = \(id)")
        case .runner(let id):
            // What a public repository has is open, its runners are not: those are not read by a role of reading.
            return Select(
                "x.repository_id", "coalesce(x.organization_id, p.organization_id) AS organization_id", "p.visibility"
            )
            .from("actions_runners AS x").leftJoin("actions_repositories AS p", on: "p.id = x.repository_id")
            .where("x.id = \(id)")
        case .runnerGroup(let id):
            return Select(
                "CAST(NULL AS BIGINT) AS repository_id", "x.organization_id", "CAST(NULL AS TEXT) AS visibility"
            )
            .from("actions_runner_groups AS x").where("x.id = \(id)")
        }
    }

    private static func apart(_ organization: SQL) -> Select {
        Select(
            "CAST(NULL AS BIGINT) AS repository_id", "\(organization) AS organization_id",
            "CAST(NULL AS TEXT) AS visibility")
    }
}
