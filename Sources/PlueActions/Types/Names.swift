public import Model
public import Storage

// What the data layer's records are made of, by the names of this interface.

public typealias RepositoryID = Model.RepositoryID
public typealias WorkflowID = Model.WorkflowID
public typealias WorkflowRunID = Model.RunID
public typealias JobExecutionID = Model.ExecutionID
public typealias RunnerID = Model.RunnerID
public typealias RunnerGroupID = Model.RunnerGroupID
public typealias EnvironmentID = Model.EnvironmentID

public typealias Principal = Model.Principal
public typealias CallOrigin = Model.CallOrigin
public typealias Timestamp = Storage.Timestamp
public typealias Page = Model.Page
public typealias PageCursor = Model.PageCursor

public typealias RunStatus = Model.RunStatus
public typealias RunConclusion = Model.RunConclusion
public typealias JobStatus = Model.JobStatus
public typealias JobConclusion = Model.JobConclusion
public typealias StepStatus = Model.StepStatus
public typealias StepConclusion = Model.StepConclusion
public typealias WorkflowState = Model.WorkflowRecord.State
public typealias RunnerStatus = Model.Runner.Status
public typealias RunnerCapabilities = Model.RunnerCapabilities
public typealias DefaultWorkflowPermissions = Model.Repository.DefaultWorkflowPermissions
public typealias RunnerScope = Model.RunnerScope
public typealias RunnerGroup = Model.RunnerGroup
public typealias SelectedWorkflow = Model.SelectedWorkflow
public typealias DeploymentEnvironment = Model.DeploymentEnvironment
public typealias EnvironmentRules = Model.EnvironmentRules
public typealias ForkApproval = Model.ForkApproval
public typealias GateReview = Model.GateReview
public typealias ReviewVerdict = Model.GateReview.Verdict

public typealias JobToken = Model.JobToken
public typealias JobAnnotation = Model.Annotation
public typealias LogLine = Model.LogLine
public typealias RunTransition = Model.RunTransition
public typealias RunAttempt = Model.RunAttempt
public typealias EventDelivery = Model.EventDelivery
public typealias AuditRecord = Model.AuditRecord
public typealias StepRecord = Model.JobStepRecord
