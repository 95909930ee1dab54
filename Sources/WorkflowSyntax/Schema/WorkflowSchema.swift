extension Schema {
    /// GitHub's strict workflow schema (`workflow-v1.0`).
    static let workflow: Schema = {
        var schema = Schema()
        schema.defineCommon()
        schema.defineEvents()
        schema.defineSteps()
        schema.defineJobs()
        schema.define("workflow-root", .mapping(rootProperties(on: .required("on-strict"))))
        // A file that is parsed without asking when it runs.
        schema.define("workflow-root-relaxed", .mapping(rootProperties(on: "on-strict")))
        schema.finish()
        return schema
    }()

    private static func rootProperties(on: Property) -> [String: Property] {
        [
            "on": on, "name": "string", "description": "string", "run-name": "run-name",
            "defaults": "workflow-defaults", "env": "workflow-env", "permissions": "permissions",
            "concurrency": "workflow-concurrency", "jobs": .required("jobs"),
        ]
    }

    private mutating func defineCommon() {
        define("string-or-strings", oneOf: ["non-empty-string", "sequence-of-non-empty-string"])
        define("run-name", .scalar(.string, in: .workflow))
        define("shell", .scalar(.nonEmptyString))
        define("working-directory", .scalar(.nonEmptyString))
        define("workflow-defaults", .mapping(["run": "workflow-defaults-run"]))
        define(
            "workflow-defaults-run", .mapping(["shell": "shell", "working-directory": "working-directory"]))
        define("workflow-env", .map(of: "string", in: [.workflow, .secrets]))
        define(
            "concurrency-mapping",
            .mapping([
                "group": .required("non-empty-string"), "cancel-in-progress": "boolean", "queue": "concurrency-queue",
            ]))
        define("concurrency-queue", .values(["single", "max"]))
        define("workflow-concurrency", oneOf: ["string", "concurrency-mapping"], in: .workflow)
        define("job-concurrency", oneOf: ["non-empty-string", "concurrency-mapping"], in: .leg)
        definePermissions()
    }

    private mutating func definePermissions() {
        define("permission-any", .values(["read", "write", "none"]))
        define("permission-read", .values(["read", "none"]))
        define("permission-write", .values(["write", "none"]))
        var scopes: [String: Property] = [:]
        for scope in PermissionScope.all {
            scopes[scope.name] = Property(type: scope.type)
        }
        define("permissions-mapping", .mapping(scopes))
        define("permissions-shorthand", .values(["read-all", "write-all"]))
        define("permissions", oneOf: ["permissions-mapping", "permissions-shorthand"])
    }

    // MARK: - on

    private mutating func defineEvents() {
        var properties: [String: Property] = [
            "schedule": "schedule", "workflow_call": "workflow-call", "workflow_dispatch": "workflow-dispatch",
        ]
        for (name, event) in EventSchema.all {
            guard !(event.types.isEmpty && event.filters.isEmpty && !event.hasFreeTypes) else {
                properties[name] = "null"
                continue
            }
            var parts: [String: Property] = [:]
            if event.hasFreeTypes { parts["types"] = "string-or-strings" }
            if !event.types.isEmpty {
                define("\(name)-type", .values(event.types))
                define("\(name)-types", .sequence(of: "\(name)-type"))
                define("\(name)-activity", oneOf: ["\(name)-type", "\(name)-types"])
                parts["types"] = Property(type: "\(name)-activity")
            }
            for filter in event.filters { parts[filter] = "string-or-strings" }
            define("\(name)-mapping", .mapping(parts))
            define("\(name)-event", oneOf: ["null", "\(name)-mapping"])
            properties[name] = Property(type: "\(name)-event")
        }
        define("on-string", .values(EventSchema.names))
        define("on-sequence", .sequence(of: "on-string"))
        define("on-mapping", .mapping(properties))
        define("on-strict", oneOf: ["on-string", "on-sequence", "on-mapping"])

        define("schedule", .sequence(of: "cron-mapping"))
        define("cron-mapping", .mapping(["cron": .required("non-empty-string"), "timezone": "non-empty-string"]))
        defineInputs()
    }

    private mutating func defineInputs() {
        define("workflow-call-input-type", .values(["string", "boolean", "number"]))
        define("workflow-call-input-default", oneOf: ["string", "boolean", "number"], in: .workflow)
        define(
            "workflow-call-input",
            .mapping([
                "description": "string", "type": .required("workflow-call-input-type"), "required": "boolean",
                "default": "workflow-call-input-default", "deprecationMessage": "string",
            ]))
        define("workflow-call-inputs", .map(of: "workflow-call-input"))
        define("workflow-call-secret-mapping", .mapping(["description": "string", "required": "boolean"]))
        define("workflow-call-secret", oneOf: ["null", "workflow-call-secret-mapping"])
        define("workflow-call-secrets", .map(of: "workflow-call-secret"))
        define("workflow-call-output-value", .scalar(.string, in: [.workflow, .jobs]))
        define(
            "workflow-call-output",
            .mapping(["description": "string", "value": .required("workflow-call-output-value")]))
        define("workflow-call-outputs", .map(of: "workflow-call-output"))
        define(
            "workflow-call-mapping",
            .mapping([
                "inputs": "workflow-call-inputs", "secrets": "workflow-call-secrets",
                "outputs": "workflow-call-outputs",
            ]))
        define("workflow-call", oneOf: ["null", "workflow-call-mapping"])

        define(
            "workflow-dispatch-input-type", .values(["string", "boolean", "number", "choice", "environment"]))
        define("workflow-dispatch-input-default", oneOf: ["string", "boolean", "number"])
        define(
            "workflow-dispatch-input-mapping",
            .mapping([
                "description": "string", "type": "workflow-dispatch-input-type", "required": "boolean",
                "default": "workflow-dispatch-input-default", "options": "sequence-of-non-empty-string",
                "deprecationMessage": "string",
            ]))
        define("workflow-dispatch-input", oneOf: ["null", "workflow-dispatch-input-mapping"])
        define("workflow-dispatch-inputs-mapping", .map(of: "workflow-dispatch-input"))
        define("workflow-dispatch-inputs", oneOf: ["null", "workflow-dispatch-inputs-mapping"])
        define("workflow-dispatch-mapping", .mapping(["inputs": "workflow-dispatch-inputs"]))
        define("workflow-dispatch", oneOf: ["null", "workflow-dispatch-mapping"])
    }
}
