public import QueryBuilder

// States are stored as their raw text.

extension RunStatus: Bindable {}
extension RunConclusion: Bindable {}
extension RunHold: Bindable {}
extension JobStatus: Bindable {}
extension JobConclusion: Bindable {}
extension JobHold: Bindable {}
extension JobExecution.Kind: Bindable {}
extension StepStatus: Bindable {}
extension StepConclusion: Bindable {}
extension StatusReason: Bindable {}
extension Annotation.Level: Bindable {}
extension Runner.Status: Bindable {}
extension RunnerGroup.Visibility: Bindable {}
extension WorkflowRecord.State: Bindable {}
extension Repository.DefaultWorkflowPermissions: Bindable {}
extension FailureClass: Bindable {}
extension Gate.State: Bindable {}
extension GateReview.Verdict: Bindable {}
extension ForkApproval: Bindable {}
extension KeyTerm.State: Bindable {}
extension Role: Bindable {}
