extension Schema {
    /// GitHub's schema of `action.yml`.
    static let action: Schema = {
        var schema = Schema()
        let step: SchemaNames = [.github, .inputs, .strategy, .matrix, .steps, .job, .runner, .env, .hashFiles]
        schema.define(
            "action-root",
            .mapping(
                [
                    "name": "text", "description": "text", "inputs": "inputs", "outputs": "outputs",
                    "runs": .required("runs"),
                ], loose: ("non-empty-string", "free")))
        schema.define("text", .scalar(.string, in: .raw))
        schema.define("free", oneOf: ["any"], in: .raw)
        schema.define("inputs", oneOf: ["null", "inputs-mapping"])
        schema.define("inputs-mapping", .map(of: "input"))
        schema.define("input", oneOf: ["null", "input-mapping"])
        schema.define(
            "input-mapping",
            .mapping(
                ["default": "input-default", "description": "text", "deprecationMessage": "text", "required": "free"],
                loose: ("non-empty-string", "free")))
        schema.define(
            "input-default", .scalar(.string, in: [.github, .strategy, .matrix, .job, .runner, .hashFiles]))
        schema.define("outputs", oneOf: ["null", "outputs-mapping"])
        schema.define("outputs-mapping", .map(of: "output"))
        schema.define("output", oneOf: ["null", "output-mapping"])
        schema.define("output-mapping", .mapping(["description": "text", "value": "output-value"]))
        schema.define("output-value", .scalar(.string, in: step.subtracting(.hashFiles)))
        schema.defineRuns()
        schema.defineCompositeSteps(step)
        schema.finish()
        return schema
    }()

    private mutating func defineRuns() {
        define("runs-if", .scalar(.expression, in: [.stepCondition, .inputs]))
        define("runs-text", .scalar(.string, in: .inputs))
        define("runs-args", .sequence(of: "runs-text"))
        define("runs-env", .map(of: "string", in: .inputs))
        define(
            "container-runs",
            .mapping([
                "using": .required("non-empty-string"), "image": .required("non-empty-string"),
                "entrypoint": "non-empty-string", "args": "runs-args", "env": "runs-env",
                "pre-entrypoint": "non-empty-string", "pre-if": "runs-if", "post-entrypoint": "non-empty-string",
                "post-if": "runs-if",
            ]))
        define(
            "node-runs",
            .mapping([
                "using": .required("non-empty-string"), "main": .required("non-empty-string"),
                "pre": "non-empty-string", "pre-if": "runs-if", "post": "non-empty-string", "post-if": "runs-if",
            ]))
        define(
            "composite-runs",
            .mapping(["using": .required("non-empty-string"), "steps": .required("composite-steps")]))
        define("runs", oneOf: ["container-runs", "node-runs", "composite-runs"])
    }

    private mutating func defineCompositeSteps(_ names: SchemaNames) {
        define("step-text", .scalar(.string, in: names))
        define("step-shell", .scalar(.nonEmptyString, in: names))
        define("step-flag", .scalar(.boolean, in: names))
        define("step-strings", .map(of: "string", in: names))
        define("composite-if", .scalar(.expression, in: names.union(.status)))
        let shared: [String: Property] = [
            "name": "step-text", "id": "non-empty-string", "if": "composite-if", "env": "step-strings",
            "continue-on-error": "step-flag",
        ]
        define(
            "composite-run",
            .mapping(
                shared.merging([
                    "run": .required("step-text"), "shell": .required("step-shell"), "working-directory": "step-text",
                ]) { $1 }))
        define(
            "composite-uses",
            .mapping(shared.merging(["uses": .required("non-empty-string"), "with": "step-strings"]) { $1 }))
        define("composite-step", oneOf: ["composite-run", "composite-uses"])
        define("composite-steps", .sequence(of: "composite-step"))
    }
}
