import PlueActions

// The records of the interface, not those of the layer below, whose enums the tests import.

typealias Job = PlueActions.Job
typealias JobExecution = PlueActions.JobExecution
typealias Repository = PlueActions.Repository
typealias Runner = PlueActions.Runner
typealias Workflow = PlueActions.Workflow
typealias WorkflowRun = PlueActions.WorkflowRun
