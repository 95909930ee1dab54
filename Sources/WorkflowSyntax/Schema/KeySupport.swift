/// Keys that plue does otherwise than GitHub, or not; all others are supported. What holds for a key holds for those
/// below it.
enum KeySupport {
    private static let engine = "refused: needs a container engine, which plue does not use yet"
    private static let tokens =
        "differs: checked and computed, also along calls; a server's job has a token for plue itself, for which only "
        + "`actions` counts; a local run has none"

    static let workflow: [String: String] = [
        "jobs.<job_id>.container": engine,
        "jobs.<job_id>.services": engine,
        "jobs.<job_id>.snapshot": "differs: a warning says that it has no effect",
        "jobs.<job_id>.runs-on": "differs: GitHub's labels mean this host in a local run; a job for another system is "
            + "skipped with the reason",
        "jobs.<job_id>.environment":
            "differs: reviewers, timers and rules of branches hold; deployments are not recorded",
        "jobs.<job_id>.steps[*].uses":
            "differs: `./PATH`, `$/PATH`, actions/checkout of the repository, and copies given "
            + "with --local-repository; others are refused, nothing is fetched yet; docker:// needs an engine",
        "jobs.<job_id>.uses":
            "differs: workflows of the repository, and of copies given with --local-repository; others "
            + "are refused, nothing is fetched yet",
        "permissions": tokens,
        "jobs.<job_id>.permissions": tokens,
        "on.schedule": "differs: checked; `plue plan schedule` shows the next occurrences, `plue run schedule` runs it "
            + "now, servers (`plue runner start`) fire it by the clock",
    ]

    static let action: [String: String] = [
        "runs.image": engine, "runs.args": engine, "runs.entrypoint": engine, "runs.env": engine,
        "runs.pre-entrypoint": engine, "runs.post-entrypoint": engine,
        "branding": "differs: checked, not shown",
    ]
}
