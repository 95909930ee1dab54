/// Bodies of `github.event` for events that are given without one: what workflows most often read, in the form of
/// GitHub's webhooks. `$name` as a whole value stands for a part of ``parts``, `{name}` inside a text for a word of the
/// repository; `repository` and `sender` are added to all.
enum EventSamples {
    static let parts: [String: String] = [
        "user": #"{"login": "{actor}", "name": "{actor}", "type": "User"}"#,
        "repository": #"""
        {"name": "{name}", "full_name": "{owner}/{name}", "owner": {"login": "{owner}", "name": "{owner}"},
        "private": true, "fork": false, "default_branch": "{default_branch}", "html_url": "{url}", "clone_url": "{url}.git"}
        """#,
        "commit": #"""
        {"id": "{sha}", "tree_id": "{tree}", "distinct": true, "message": "{message}", "timestamp": "{timestamp}",
        "url": "{url}/commit/{sha}", "author": {"name": "{author_name}", "email": "{author_email}", "username": "{actor}"},
        "committer": {"name": "{committer_name}", "email": "{committer_email}", "username": "{actor}"}}
        """#,
        "head": #"{"ref": "{branch}", "label": "{owner}:{branch}", "sha": "{sha}", "repo": "$repository"}"#,
        "base": #"""
        {"ref": "{default_branch}", "label": "{owner}:{default_branch}", "sha": "{sha}", "repo": "$repository"}
        """#,
        "pull_request": #"""
        {"number": 1, "state": "open", "title": "{branch}", "body": null, "draft": false, "merged": false,
        "mergeable": true, "head": "$head", "base": "$base", "labels": [], "assignees": [],
        "requested_reviewers": [], "user": "$user", "html_url": "{url}/pull/1"}
        """#,
        "issue": #"""
        {"number": 1, "state": "open", "title": "An issue", "body": "", "labels": [], "assignees": [],
        "milestone": null, "user": "$user", "html_url": "{url}/issues/1"}
        """#,
        "comment": #"{"id": 1, "body": "A comment", "user": "$user", "author_association": "OWNER"}"#,
        "label": #"{"id": 1, "name": "bug", "color": "d73a4a", "description": ""}"#,
        "discussion": #"""
        {"number": 1, "title": "A discussion", "body": "", "state": "open", "user": "$user",
        "category": {"name": "General", "slug": "general"}, "html_url": "{url}/discussions/1"}
        """#,
        "deployment": #"""
        {"id": 1, "ref": "{branch}", "sha": "{sha}", "task": "deploy", "environment": "production", "payload": {},
        "creator": "$user"}
        """#,
        "check_suite": #"""
        {"id": 1, "head_branch": "{branch}", "head_sha": "{sha}", "status": "completed", "conclusion": "success",
        "pull_requests": []}
        """#,
    ]

    /// Events that are not here have nothing of their own.
    static let bodies: [String: String] = [
        "branch_protection_rule": #"{"action": "created", "rule": {"id": 1, "name": "{default_branch}"}}"#,
        "check_run": #"""
        {"action": "completed", "check_run": {"id": 1, "name": "build", "head_sha": "{sha}", "status": "completed",
        "conclusion": "success", "check_suite": "$check_suite", "pull_requests": []}}
        """#,
        "check_suite": #"{"action": "completed", "check_suite": "$check_suite"}"#,
        "create": #"{"ref": "{ref_name}", "ref_type": "{ref_type}", "master_branch": "{default_branch}"}"#,
        "delete": #"{"ref": "{branch}", "ref_type": "branch"}"#,
        "deployment": #"{"action": "created", "deployment": "$deployment"}"#,
        "deployment_status": #"""
        {"action": "created", "deployment": "$deployment",
        "deployment_status": {"id": 1, "state": "success", "environment": "production", "target_url": ""}}
        """#,
        "discussion": #"{"action": "created", "discussion": "$discussion"}"#,
        "discussion_comment": #"{"action": "created", "discussion": "$discussion", "comment": "$comment"}"#,
        "fork": #"{"forkee": "$repository"}"#,
        "gollum": #"{"pages": [{"page_name": "Home", "title": "Home", "action": "edited"}]}"#,
        "issue_comment": #"{"action": "created", "issue": "$issue", "comment": "$comment"}"#,
        "issues": #"{"action": "opened", "issue": "$issue"}"#,
        "label": #"{"action": "created", "label": "$label"}"#,
        "merge_group": #"""
        {"action": "checks_requested", "merge_group": {"head_ref": "{ref}", "head_sha": "{sha}",
        "base_ref": "refs/heads/{default_branch}", "base_sha": "{sha}", "head_commit": "$commit"}}
        """#,
        "milestone": #"{"action": "created", "milestone": {"number": 1, "title": "v1", "state": "open"}}"#,
        "page_build": #"{"build": {"status": "built", "commit": "{sha}", "pusher": "$user"}}"#,
        "pull_request": #"{"action": "opened", "number": 1, "pull_request": "$pull_request"}"#,
        "pull_request_review": #"""
        {"action": "submitted", "pull_request": "$pull_request",
        "review": {"id": 1, "state": "approved", "body": "", "user": "$user", "commit_id": "{sha}"}}
        """#,
        "pull_request_review_comment":
            #"{"action": "created", "pull_request": "$pull_request", "comment": "$comment"}"#,
        "pull_request_target": #"{"action": "opened", "number": 1, "pull_request": "$pull_request"}"#,
        "push": #"""
        {"ref": "{ref}", "before": "{before}", "after": "{sha}", "created": false, "deleted": false,
        "forced": false, "head_commit": "$commit", "commits": ["$commit"], "pusher": "$user"}
        """#,
        "registry_package": #"""
        {"action": "published", "registry_package": {"name": "{name}", "package_type": "CONTAINER",
        "package_version": {"version": "1.0.0"}}}
        """#,
        "release": #"""
        {"action": "published", "release": {"id": 1, "tag_name": "{ref_name}", "name": "{ref_name}", "body": "",
        "target_commitish": "{default_branch}", "draft": false, "prerelease": false, "author": "$user", "assets": [],
        "html_url": "{url}/releases/tag/{ref_name}"}}
        """#,
        "repository_dispatch": #"{"action": "dispatch", "branch": "{default_branch}", "client_payload": {}}"#,
        "status": #"{"sha": "{sha}", "state": "success", "context": "default", "description": "", "branches": []}"#,
        "watch": #"{"action": "started"}"#,
        "workflow_dispatch": #"{"ref": "{ref}"}"#,
        "workflow_run": #"""
        {"action": "completed", "workflow": {"name": "CI"}, "workflow_run": {"id": 1, "name": "CI", "run_number": 1,
        "event": "push", "status": "completed", "conclusion": "success", "head_branch": "{branch}",
        "head_sha": "{sha}", "head_commit": "$commit", "head_repository": "$repository", "pull_requests": []}}
        """#,
    ]
}
