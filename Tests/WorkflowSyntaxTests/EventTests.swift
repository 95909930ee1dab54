import TestSupport
import Testing

@testable import WorkflowSyntax

/// Events by their payloads, a row each: the trigger, the payload, and why nothing runs (nil: it runs).
@Suite struct EventTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var event: String
        var trigger: String
        var payload: String
        var ref = "refs/heads/main"
        var reason: String?

        init(_ event: String, _ trigger: String, _ payload: String, ref: String = "refs/heads/main", _ reason: String?)
        {
            self.event = event
            self.trigger = trigger
            self.payload = payload
            self.ref = ref
            self.reason = reason
        }

        var testDescription: String { "\(event) \(trigger) \(payload)" }
    }

    private static let zero = String(repeating: "0", count: 40)

    static let rows: [Row] = [
        // Activity types.
        Row("branch_protection_rule", "", #"{"action":"edited"}"#, nil),
        Row(
            "branch_protection_rule", "types: [created]", #"{"action":"edited"}"#,
            "activity 'edited' is not in types: created"),
        Row("check_run", "types: [rerequested, completed]", #"{"action":"completed"}"#, nil),
        Row("check_run", "types: completed", #"{"action":"created"}"#, "activity 'created' is not in types: completed"),
        Row("check_suite", "", #"{"action":"completed"}"#, nil),
        Row(
            "check_suite", "", #"{"action":"requested"}"#,
            "activity 'requested' is not among those that check_suite runs on by default: completed"),
        Row("create", "", #"{"ref":"v1","ref_type":"tag"}"#, nil),
        Row("delete", "", #"{"ref":"old","ref_type":"branch"}"#, nil),
        Row("deployment", "", #"{"action":"created","deployment":{"ref":"main"}}"#, nil),
        Row("deployment_status", "", #"{"action":"created","deployment_status":{"state":"success"}}"#, nil),
        Row(
            "deployment_status", "", #"{"deployment_status":{"state":"inactive"}}"#,
            "a deployment status that is 'inactive' starts no workflow"),
        Row("discussion", "types: [answered]", #"{"action":"answered"}"#, nil),
        Row(
            "discussion", "types: [answered]", #"{"action":"created"}"#, "activity 'created' is not in types: answered"),
        Row("discussion_comment", "", #"{"action":"deleted"}"#, nil),
        Row("fork", "", #"{"forkee":{}}"#, nil),
        Row("gollum", "", #"{"pages":[]}"#, nil),
        Row("image_version", "types: [ready]", #"{"action":"created"}"#, "activity 'created' is not in types: ready"),
        Row("issue_comment", "types: [created]", #"{"action":"created"}"#, nil),
        Row("issue_comment", "types: [created]", #"{"action":"edited"}"#, "activity 'edited' is not in types: created"),
        Row("issues", "", #"{"action":"field_added"}"#, nil),
        Row(
            "issues", "types: [opened, labeled]", #"{"action":"closed"}"#,
            "activity 'closed' is not in types: opened, labeled"),
        Row("label", "", #"{"action":"created"}"#, nil),
        Row("milestone", "types: opened", #"{"action":"opened"}"#, nil),
        Row("page_build", "", #"{"build":{}}"#, nil),
        Row("project", "", #"{"action":"closed"}"#, nil),
        Row("project_card", "types: [moved]", #"{"action":"moved"}"#, nil),
        Row("project_column", "types: [moved]", #"{"action":"updated"}"#, "activity 'updated' is not in types: moved"),
        Row("public", "", "{}", nil),
        Row("pull_request_review", "types: [submitted]", #"{"action":"submitted"}"#, nil),
        Row(
            "pull_request_review", "types: [submitted]", #"{"action":"dismissed"}"#,
            "activity 'dismissed' is not in types: submitted"),
        Row("pull_request_review_comment", "", #"{"action":"created"}"#, nil),
        Row("registry_package", "types: [published]", #"{"action":"published"}"#, nil),
        Row("release", "types: [published]", #"{"action":"published","release":{"draft":false}}"#, nil),
        Row(
            "release", "types: [published]", #"{"action":"released"}"#, "activity 'released' is not in types: published"
        ),
        Row(
            "release", "", #"{"action":"created","release":{"draft":true}}"#, "a draft of a release starts no workflow"),
        Row("repository_dispatch", "", #"{"action":"anything"}"#, nil),
        Row("repository_dispatch", "types: [deploy]", #"{"action":"deploy","client_payload":{}}"#, nil),
        Row("repository_dispatch", "types: [deploy]", #"{"action":"test"}"#, "activity 'test' is not in types: deploy"),
        Row("status", "", #"{"state":"success"}"#, nil),
        Row("watch", "", #"{"action":"started"}"#, nil),
        Row("workflow_dispatch", "", #"{"inputs":{}}"#, nil),

        // Pull requests: defaults, the base, conflicts.
        Row("pull_request", "", #"{"action":"synchronize"}"#, nil),
        Row(
            "pull_request", "", #"{"action":"closed"}"#,
            "activity 'closed' is not among those that pull_request runs on by default: opened, synchronize, reopened"),
        Row("pull_request", "types: [closed]", #"{"action":"closed","pull_request":{"mergeable":false}}"#, nil),
        Row(
            "pull_request", "", #"{"action":"opened","pull_request":{"mergeable":false}}"#,
            "the pull request has a merge conflict"),
        Row("pull_request", "", #"{"action":"opened","pull_request":{"mergeable":null}}"#, nil),
        Row(
            "pull_request", "types: [labeled]", #"{"action":"labeled","pull_request":{"mergeable":false}}"#,
            "the pull request has a merge conflict"),
        Row(
            "pull_request", "branches: [main]", #"{"action":"opened","pull_request":{"base":{"ref":"dev"}}}"#,
            "branch 'dev' is not in branches: main"),
        Row(
            "pull_request", "branches: [main]",
            #"{"action":"opened","pull_request":{"base":{"ref":"main"},"head":{"ref":"dev"}}}"#, nil),
        Row(
            "pull_request_target", "", #"{"action":"labeled"}"#,
            "activity 'labeled' is not among those that pull_request_target runs on by default: opened, synchronize, "
                + "reopened"),
        Row(
            "pull_request_target", "branches-ignore: ['rel/**']",
            #"{"action":"opened","pull_request":{"mergeable":false,"base":{"ref":"main"}}}"#, nil),
        Row(
            "pull_request_target", "branches-ignore: ['rel/**']",
            #"{"action":"opened","pull_request":{"base":{"ref":"rel/1"}}}"#,
            "branch 'rel/1' is in branches-ignore: rel/**"),
        Row("merge_group", "", #"{"action":"checks_requested","merge_group":{"base_ref":"refs/heads/main"}}"#, nil),
        Row(
            "merge_group", "", #"{"action":"destroyed"}"#,
            "activity 'destroyed' is not among those that merge_group runs on by default: checks_requested"),
        Row(
            "merge_group", "branches: [main]",
            #"{"action":"checks_requested","merge_group":{"base_ref":"refs/heads/dev"}}"#,
            "branch 'dev' is not in branches: main"),

        // Pushes. GitHub runs workflows also when a ref is deleted ("the SHA … reverts to the default branch").
        Row("push", "branches: [main]", #"{"ref":"refs/heads/main"}"#, nil),
        Row("push", "branches: [main]", #"{}"#, ref: "refs/heads/x", "branch 'x' is not in branches: main"),
        Row("push", "tags: ['v*']", #"{}"#, ref: "refs/tags/v1", nil),
        Row("push", "branches: [main]", #"{}"#, ref: "refs/tags/v1", "tag 'v1': on.push has only filters of branches"),
        Row("push", "", #"{"deleted":true,"after":"\#(zero)"}"#, ref: "refs/heads/gone", nil),
        Row(
            "push", "branches: [main]", #"{"deleted":true}"#, ref: "refs/heads/gone",
            "branch 'gone' is not in branches: main"),
        Row("push", "", #"{"head_commit":{"message":"x [skip ci]"}}"#, "the commit message has '[skip ci]'"),
        Row("create", "", #"{"head_commit":{"message":"x [skip ci]"}}"#, nil),
        Row("workflow_dispatch", "", #"{"head_commit":{"message":"x [skip ci]"}}"#, nil),

        // Runs of other workflows.
        Row(
            "workflow_run", "{ workflows: [CI], types: [completed], branches: [main] }",
            #"{"action":"completed","workflow_run":{"name":"CI","head_branch":"main"}}"#, nil),
        Row(
            "workflow_run", "{ workflows: [CI] }", #"{"action":"requested","workflow":{"name":"CD"}}"#,
            "workflow 'CD' is not in workflows: CI"),
        Row(
            "workflow_run", "{ workflows: [CI], types: [completed] }",
            #"{"action":"in_progress","workflow_run":{"name":"CI"}}"#,
            "activity 'in_progress' is not in types: completed"),
        Row(
            "workflow_run", "{ workflows: [CI], branches-ignore: [main] }",
            #"{"action":"completed","workflow_run":{"name":"CI","head_branch":"main"}}"#,
            "branch 'main' is in branches-ignore: main"),

        // Schedules.
        Row("schedule", "[{ cron: '0 1 * * *' }, { cron: '0 2 * * *' }]", #"{"schedule":"0 2 * * *"}"#, nil),
        Row("schedule", "[{ cron: '0 1 * * *' }]", "{}", nil),
        Row(
            "schedule", "[{ cron: '0 1 * * *' }, { cron: '0 2 * * *' }]", #"{"schedule":"0 3 * * *"}"#,
            "cron '0 3 * * *' is not among '0 1 * * *', '0 2 * * *'"),
        Row("push", "", #"{"schedule":"0 3 * * *"}"#, nil),
    ]

    @Test(arguments: rows) func takesOrSkips(_ row: Row) throws {
        let isBare = row.trigger.isEmpty || row.trigger.hasPrefix("{") || row.trigger.hasPrefix("[")
        let trigger = isBare ? row.trigger : "{ \(row.trigger) }"
        let text = "on: { \(row.event): \(trigger) }\njobs: { a: { runs-on: x, steps: [{ run: x }] } }\n"
        let result = WorkflowParser().parse(text, file: "a.yml")
        let workflow = try #require(result.workflow, "\(result.diagnostics)")
        let event = TriggerEvent(row.event, payload: try ExpressionValue(json: row.payload), ref: row.ref)
        let expected = row.reason.map { TriggerMatch.skipped(reason: $0) } ?? .runs
        #expect(TriggerMatch(event, workflow) == expected)
    }

    /// No event of the schema without a row.
    @Test func everyEventHasARow() {
        let tested = Set(Self.rows.map(\.event))
        // The one never happens by itself, GitHub names another for the other.
        let missing = EventSchema.names.filter {
            !tested.contains($0) && $0 != "workflow_call" && $0 != "pull_request_comment"
        }
        #expect(missing.isEmpty, "\(missing)")
    }
}
