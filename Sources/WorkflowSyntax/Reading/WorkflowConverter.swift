/// Checked tokens of a workflow file to the model, with the checks that no schema can say.
struct WorkflowConverter {
    private var conversion: Conversion

    var diagnostics: [Diagnostic] { conversion.diagnostics }

    init(file: String, requiringNeeds: Bool = true) {
        conversion = Conversion(file: file, requiringNeeds: requiringNeeds)
    }

    mutating func convert(_ root: TemplateToken) -> Workflow {
        var triggers = TriggerConverter()
        triggers.convert(root["on"])
        for schedule in triggers.triggers.flatMap(\.schedules) {
            if CronExpression(schedule.cron) == nil {
                conversion.error(
                    "cron",
                    "Invalid cron expression. Expected format: '* * * * *' (minute hour day month weekday)",
                    at: schedule.position)
            }
            if let name = schedule.timezone, !ZoneRules.isName(name) {
                conversion.error(
                    "timezone", ZoneError.malformed(name: name).message,
                    at: schedule.timezonePosition ?? schedule.position)
            }
        }
        for secret in triggers.call?.secrets ?? [] where OrdinalText.same(secret.name, "GITHUB_TOKEN") {
            conversion.error(
                "reserved-secret",
                "secret name `\(secret.name)` within `workflow_call` can not be used since it would collide with system"
                    + " reserved name", at: secret.position)
        }
        var workflow = Workflow(
            file: conversion.file, name: root["name"]?.literalText, runName: root["run-name"],
            triggers: triggers.triggers, call: triggers.call, dispatchInputs: triggers.dispatchInputs,
            permissions: Conversion.permissions(root["permissions"]), env: root["env"],
            defaults: Conversion.defaults(root["defaults"]),
            concurrency: conversion.concurrency(root["concurrency"]), jobs: [])
        guard let jobs = root["jobs"] else { return workflow }
        var converter = JobConverter(conversion)
        workflow.jobs = converter.convert(jobs)
        conversion = converter.conversion
        return workflow
    }
}
