public import Model
internal import QueryBuilder
internal import Storage
public import WorkflowSyntax

extension ScheduleService {
    /// Transactions of one schedule in a call at most: what else was missed is made up for by the next calls.
    static let limit = 100
    private static let page = 200

    /// Makes the runs of all schedules that are due by the database's clock, each in a transaction of its own; any
    /// number of processes may do so at once. One indexed read when nothing is due.
    ///
    /// Throws ``StorageError`` when the database cannot be read; what goes wrong with one schedule is among the failures
    /// of the result.
    ///
    /// - Parameters:
    ///   - zones: the time zone database. A schedule whose zone is not known is looked at again an hour later.
    ///   - heads: asked once for each repository.
    ///   - resolver: reads workflows of other repositories that are called; without one there are none.
    public func fire(
        zones: any ZoneSource, heads: @escaping DefaultHead.Source = { _ in .stored },
        resolver: (any RemoteWorkflowReader)? = nil
    ) async throws -> ScheduleFirings {
        var firings = ScheduleFirings()
        var known: [RepositoryID: DefaultHead] = [:]
        var seen: [Int64] = []
        while true {
            let query = Self.due(except: seen)
            let due = try await services.backend.read { db in
                try db.run(query).map { row in try Due(row, zones) }
            }
            for schedule in due {
                seen.append(schedule.id.rawValue)
                do {
                    let repository = schedule.repository
                    let head: DefaultHead
                    if let found = known[repository.id] { head = found } else { head = await heads(repository) }
                    known[repository.id] = head
                    try await fire(schedule, head, resolver, &firings)
                } catch {
                    firings.failures.append((schedule.id, error))
                }
            }
            if due.count < Self.page { return firings }
        }
    }

    /// The next page, the longest due first. The clock is asked once, so that the index ends the search.
    static func due(except seen: [Int64]) -> Select {
        Select("p.*", "s.id AS schedule_id", "s.workflow_id", "s.cron", "s.timezone")
            .from("actions_schedules AS s").join("actions_repositories AS p", on: "p.id = s.repository_id")
            .where("s.next_due_at <= (SELECT \(.now))").and("s.id NOT IN \(seen)")
            .orderBy("s.next_due_at", "s.id").limit(page)
    }

    /// A schedule that was found to be due.
    struct Due {
        var id: ScheduleID
        var workflow: WorkflowID
        var repository: Repository
        /// Rows of a schedule keep cron and zone.
        var occurrences: Result<ScheduleOccurrences, ScheduleFault>

        init(_ row: Row, _ zones: any ZoneSource) throws {
            id = ID(try row["schedule_id"])
            workflow = ID(try row["workflow_id"])
            repository = try Repository(row)
            let cron: String = try row["cron"]
            let timezone: String = try row["timezone"]
            if let expression = CronExpression(cron) {
                do {
                    occurrences = .success(
                        ScheduleOccurrences(expression, in: try ZoneRules.named(timezone, in: zones)))
                } catch {
                    occurrences = .failure(ScheduleFault(text: error.message))
                }
            } else {
                occurrences = .failure(ScheduleFault(text: "'\(cron)' is no cron expression"))
            }
        }
    }

    /// Its occurrences one by one, until it is not due any more.
    private func fire(
        _ due: Due, _ head: DefaultHead, _ resolver: (any RemoteWorkflowReader)?, _ firings: inout ScheduleFirings
    ) async throws {
        let remote = try await remoteFiles(of: due, resolver)
        var refusal: String?
        for _ in 0..<Self.limit {
            let firing = ScheduleFiring(due: due, head: head, remote: remote, refusal: refusal, services: services)
            let step: ScheduleFiring.Step
            do {
                step = try await services.transaction { db, changes in try firing.step(changes, on: db) }
            } catch let error as ServiceError where refusal == nil {
                // It would be refused each time: it is told instead.
                refusal = "the run cannot be made: \(error)"
                continue
            }
            refusal = nil
            switch step {
            case .fired(let run): firings.runs.append(run)
            case .skipped: firings.skipped += 1
            case .planned: continue
            case .left: return
            }
        }
    }

    private func remoteFiles(of due: Due, _ resolver: (any RemoteWorkflowReader)?) async throws -> RemoteFiles {
        guard let resolver else { return RemoteFiles() }
        let workflow = try await services.workflows.current(due.workflow, by: .system)
        return try await RemoteFiles(calledBy: [workflow], of: due.repository.id, resolver)
    }
}
