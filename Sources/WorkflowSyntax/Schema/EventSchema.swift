/// The events of GitHub's schema, with their activity types and filters ("Events that trigger workflows").
struct EventSchema: Sendable {
    var types: [String] = []
    /// The types of a trigger that names none; nil: all of them.
    var defaultTypes: [String]?
    var filters: [String] = []
    /// Types of one's own choice.
    var hasFreeTypes = false

    private static let pullRequestTypes = [
        "assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize",
        "converted_to_draft", "ready_for_review", "locked", "unlocked", "milestoned", "demilestoned",
        "review_requested", "review_request_removed", "auto_merge_enabled", "auto_merge_disabled", "enqueued",
        "dequeued",
    ]
    private static let pullRequestDefaults = ["opened", "synchronize", "reopened"]
    private static let branchesAndPaths = ["branches", "branches-ignore", "paths", "paths-ignore"]
    private static let edits = ["created", "edited", "deleted"]

    /// Without `schedule`, `workflow_call` and `workflow_dispatch`, which have shapes of their own.
    static let all: [String: EventSchema] = [
        "branch_protection_rule": EventSchema(types: edits),
        "check_run": EventSchema(types: ["created", "rerequested", "completed", "requested_action"]),
        "check_suite": EventSchema(types: ["completed"]),
        "create": EventSchema(),
        "delete": EventSchema(),
        "deployment": EventSchema(),
        "deployment_status": EventSchema(),
        "discussion": EventSchema(types: [
            "created", "edited", "deleted", "transferred", "pinned", "unpinned", "labeled", "unlabeled", "locked",
            "unlocked", "category_changed", "answered", "unanswered",
        ]),
        "discussion_comment": EventSchema(types: edits),
        "fork": EventSchema(),
        "gollum": EventSchema(),
        "image_version": EventSchema(types: ["created", "ready", "deleted"], filters: ["names", "versions"]),
        "issue_comment": EventSchema(types: edits),
        "issues": EventSchema(types: [
            "opened", "edited", "deleted", "transferred", "pinned", "unpinned", "closed", "reopened", "assigned",
            "unassigned", "labeled", "unlabeled", "locked", "unlocked", "milestoned", "demilestoned", "typed",
            "untyped", "field_added", "field_removed",
        ]),
        "label": EventSchema(types: edits),
        "merge_group": EventSchema(
            types: ["checks_requested", "destroyed"], defaultTypes: ["checks_requested"],
            filters: ["branches", "branches-ignore"]),
        "milestone": EventSchema(types: ["created", "closed", "opened", "edited", "deleted"]),
        "page_build": EventSchema(),
        "project": EventSchema(types: ["created", "closed", "reopened", "edited", "deleted"]),
        "project_card": EventSchema(types: ["created", "moved", "converted", "edited", "deleted"]),
        "project_column": EventSchema(types: ["created", "updated", "moved", "deleted"]),
        "public": EventSchema(),
        "pull_request": EventSchema(
            types: pullRequestTypes, defaultTypes: pullRequestDefaults, filters: branchesAndPaths),
        "pull_request_comment": EventSchema(types: edits),
        "pull_request_review": EventSchema(types: ["submitted", "edited", "dismissed"]),
        "pull_request_review_comment": EventSchema(types: edits),
        "pull_request_target": EventSchema(
            types: pullRequestTypes, defaultTypes: pullRequestDefaults, filters: branchesAndPaths),
        "push": EventSchema(filters: branchesAndPaths + ["tags", "tags-ignore"]),
        "registry_package": EventSchema(types: ["published", "updated"]),
        "release": EventSchema(types: [
            "published", "unpublished", "created", "edited", "deleted", "prereleased", "released",
        ]),
        "repository_dispatch": EventSchema(hasFreeTypes: true),
        "status": EventSchema(),
        "watch": EventSchema(types: ["started"]),
        "workflow_run": EventSchema(
            types: ["requested", "completed", "in_progress"], filters: ["branches", "branches-ignore", "workflows"]),
    ]

    static let names: [String] = (all.keys + ["schedule", "workflow_call", "workflow_dispatch"]).sorted()
}
