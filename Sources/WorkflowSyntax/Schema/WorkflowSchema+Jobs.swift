extension Schema {
    mutating func defineSteps() {
        define("step-text", .scalar(.string, in: .step))
        define("step-flag", .scalar(.boolean, in: .step))
        define("step-number", .scalar(.number, in: .step))
        define("step-if", .scalar(.expression, in: .stepCondition))
        define("step-strings", .map(of: "string", in: .step))
        let shared: [String: Property] = [
            "name": "step-text", "id": "non-empty-string", "if": "step-if", "continue-on-error": "step-flag",
            "timeout-minutes": "step-number", "env": "step-strings",
        ]
        define(
            "run-step",
            .mapping(
                shared.merging([
                    "run": .required("step-text"), "working-directory": "step-text", "shell": "step-shell",
                ]) { $1 }))
        define("step-shell", .scalar(.nonEmptyString, in: .step))
        define(
            "uses-step",
            .mapping(shared.merging(["uses": .required("non-empty-string"), "with": "step-strings"]) { $1 }))
        define(
            "parallel-step",
            .mapping(
                shared.merging([
                    "parallel": Property(type: "any", required: true, unsupported: "Parallel steps")
                ]) { $1 }))
        define("step", oneOf: ["run-step", "uses-step", "parallel-step"])
        define("steps", .sequence(of: "step"))
    }

    mutating func defineJobs() {
        define("leg-text", .scalar(.string, in: .leg))
        define("leg-number", .scalar(.number, in: .leg))
        define("leg-flag", .scalar(.boolean, in: .leg))
        define("job-if", .scalar(.expression, in: .jobCondition))
        define("needs", oneOf: ["sequence-of-non-empty-string", "non-empty-string"])
        define("runner-text", .scalar(.string, in: .inRunner))
        define("job-outputs", .map(of: "runner-text"))
        define("job-env", .map(of: "string", in: [.leg, .secrets]))
        define("job-defaults", .mapping(["run": "job-defaults-run"]))
        define(
            "job-defaults-run",
            .mapping(["shell": "shell", "working-directory": "working-directory"], in: [.leg, .env]))
        defineStrategy()
        defineMachine()
        let shared: [String: Property] = [
            "name": "leg-text", "needs": "needs", "if": "job-if", "permissions": "permissions",
            "concurrency": "job-concurrency", "strategy": "strategy",
        ]
        define(
            "steps-job",
            .mapping(
                shared.merging([
                    "runs-on": .required("runs-on"), "timeout-minutes": "leg-number",
                    "cancel-timeout-minutes": "leg-number", "continue-on-error": "leg-flag",
                    "container": "container", "services": "services", "env": "job-env",
                    "environment": "environment", "outputs": "job-outputs", "defaults": "job-defaults",
                    "steps": "steps", "snapshot": "snapshot",
                ]) { $1 }))
        define("call-with", .map(of: "call-value"))
        define("call-value", oneOf: ["string", "boolean", "number"], in: .leg)
        define("call-secret", oneOf: ["string", "boolean", "number"], in: [.leg, .secrets])
        define("call-secrets-mapping", .map(of: "call-secret"))
        define("call-secrets-inherit", .values(["inherit"]))
        define("call-secrets", oneOf: ["call-secrets-mapping", "call-secrets-inherit"])
        define(
            "call-job",
            .mapping(
                shared.merging([
                    "uses": .required("non-empty-string"), "with": "call-with", "secrets": "call-secrets",
                ]) { $1 }))
        define("job", oneOf: ["steps-job", "call-job"])
        define("jobs", .map(of: "job"))
    }

    private mutating func defineStrategy() {
        define("matrix-filter-item", .map(of: "any"))
        define("matrix-filter", .sequence(of: "matrix-filter-item"))
        define(
            "matrix",
            .mapping(
                ["include": "matrix-filter", "exclude": "matrix-filter"], loose: ("non-empty-string", "sequence")))
        define(
            "strategy",
            .mapping(["fail-fast": "boolean", "max-parallel": "number", "matrix": "matrix"], in: .planned))
    }

    private mutating func defineMachine() {
        define("runs-on-mapping", .mapping(["group": "non-empty-string", "labels": "string-or-strings"]))
        define(
            "runs-on", oneOf: ["non-empty-string", "sequence-of-non-empty-string", "runs-on-mapping"], in: .leg)

        define("environment-url", .scalar(.string, in: .runnerWithoutSecrets))
        define(
            "environment-mapping",
            .mapping(["name": .required("leg-text"), "url": "environment-url", "deployment": "leg-flag"]))
        define("environment", oneOf: ["string", "environment-mapping"], in: .leg)

        define("container-env", .map(of: "runner-text"))
        define(
            "credentials",
            .mapping(
                ["username": "non-empty-string", "password": "non-empty-string"],
                in: [.workflow, .secrets, .env]))
        let shared: [String: Property] = [
            "image": "non-empty-string", "options": "string", "env": "container-env",
            "ports": "sequence-of-non-empty-string", "volumes": "sequence-of-non-empty-string",
            "credentials": "credentials",
        ]
        define("container-mapping", .mapping(shared))
        define("container", oneOf: ["string", "container-mapping"], in: .leg)
        define("service-mapping", .mapping(shared.merging(["entrypoint": "string", "command": "string"]) { $1 }))
        define("service", oneOf: ["string", "service-mapping"], in: .leg)
        define("services", .map(of: "service", in: .leg))

        define("snapshot-if", .scalar(.expression, in: .leg))
        define(
            "snapshot-mapping",
            .mapping([
                "image-name": .required("non-empty-string"), "if": "snapshot-if", "version": "non-empty-string",
            ]))
        define("snapshot", oneOf: ["non-empty-string", "snapshot-mapping"], in: .leg)
    }
}
