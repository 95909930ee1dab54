public import QueryBuilder
internal import Storage

/// The key of a record: a 64-bit integer that cannot be mixed up with another record's.
public struct ID<Record>: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public var description: String { String(rawValue) }

    public static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }
}

extension ID: Bindable {
    public var term: Term { Term(.integer(rawValue)) }
}

public typealias RepositoryID = ID<Repository>
public typealias WorkflowID = ID<WorkflowRecord>
public typealias EnvironmentID = ID<DeploymentEnvironment>
public typealias ScheduleID = ID<Schedule>
public typealias RunID = ID<WorkflowRun>
public typealias ExecutionID = ID<JobExecution>
public typealias AssignmentID = ID<JobAssignment>
public typealias RunnerID = ID<Runner>
public typealias RunnerGroupID = ID<RunnerGroup>
