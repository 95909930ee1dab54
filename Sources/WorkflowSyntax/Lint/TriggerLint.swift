/// `on`: patterns, filters that exclude each other, schedules, inputs.
struct TriggerLint {
    private let file: String
    /// Nil: names of time zones are not looked up.
    private let zones: (any ZoneSource)?
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String, zones: (any ZoneSource)? = nil) {
        self.file = file
        self.zones = zones
    }

    mutating func check(_ workflow: Workflow, _ on: TemplateToken?) {
        guard let on else { return }
        for pair in on.pairs { event(pair.key.literalText ?? "", pair.value, at: pair.key.position) }
        for trigger in workflow.triggers {
            if trigger.event == "schedule", trigger.schedules.isEmpty {
                report(.schedule, "'schedule' needs a list of 'cron' entries", at: trigger.position)
            }
            for schedule in trigger.schedules {
                timezone(schedule)
                guard let cron = CronExpression(schedule.cron) else { continue }
                if !cron.everFires {
                    diagnostics.append(
                        Diagnostic(
                            .warning, lint: .cron,
                            message: "The schedule never fires: none of its months has a day that it names", file: file,
                            at: schedule.position))
                } else if cron.fires(moreOftenThanEvery: 5) {
                    report(
                        .cron, "The schedule runs more often than every 5 minutes, the shortest interval",
                        at: schedule.position)
                }
            }
            if trigger.event == "workflow_run", trigger.workflows?.isEmpty ?? true {
                report(.workflowRun, "'workflow_run' needs the names of 'workflows'", at: trigger.position)
            }
        }
        inputs(workflow, on)
    }

    /// What the database does not know is told, what it cannot tell is not: GitHub has its own.
    private mutating func timezone(_ schedule: Trigger.Schedule) {
        guard let zones, let name = schedule.timezone else { return }
        do {
            _ = try ZoneRules.named(name, in: zones)
        } catch {
            guard case .unknown = error else { return }
            var diagnostic = Diagnostic(
                lint: .timezone, message: error.message, file: file,
                at: schedule.timezonePosition ?? schedule.position)
            diagnostic.hint = error.hint
            diagnostics.append(diagnostic)
        }
    }

    // MARK: - Filters

    private mutating func event(_ name: String, _ token: TemplateToken, at position: SourcePosition) {
        for pair in token.pairs {
            let key = pair.key.literalText ?? ""
            switch key {
            case "branches", "branches-ignore", "tags", "tags-ignore": patterns(pair.value, .ref, key)
            case "paths", "paths-ignore": patterns(pair.value, .path, key)
            case "names", "versions":
                if case .sequence(let items) = pair.value.kind, items.isEmpty {
                    report(.filter, "'\(key)' is empty", at: pair.value.position)
                }
            default: break
            }
            if key.hasSuffix("-ignore"), token[String(key.dropLast(7))] != nil {
                report(
                    .filter, "'\(key)' and '\(key.dropLast(7))' exclude each other: use '!' patterns instead",
                    at: pair.key.position)
            }
        }
    }

    private mutating func patterns(_ token: TemplateToken, _ subject: FilterPattern.Subject, _ key: String) {
        let items = token.items.isEmpty ? [token] : token.items
        var positive = false
        for item in items {
            guard let text = item.literalText else { continue }
            if !text.hasPrefix("!") { positive = true }
            if let fault = FilterPattern.fault(of: text, for: subject) {
                report(.filterPattern, "The pattern '\(text)' is invalid: \(fault)", at: item.position)
            }
        }
        if !positive, !key.hasSuffix("-ignore"), case .sequence(let list) = token.kind, !list.isEmpty {
            diagnostics.append(
                Diagnostic(
                    .warning, lint: .filter, message: "'\(key)' has only excluding patterns and matches nothing",
                    file: file, at: token.position))
        }
    }

    // MARK: - Inputs

    private mutating func inputs(_ workflow: Workflow, _ on: TemplateToken) {
        if workflow.dispatchInputs.count > 25 {
            report(
                .inputs, "'workflow_dispatch' has \(workflow.dispatchInputs.count) inputs; 25 are allowed",
                at: on.pairs.first { $0.key.literalText == "workflow_dispatch" }?.key.position ?? on.position)
        }
        for input in workflow.dispatchInputs {
            if input.type == .choice, input.options.isEmpty {
                report(.inputs, "The input '\(input.name)' is a choice without options", at: input.position)
            }
            if input.type != .choice, !input.options.isEmpty {
                report(.inputs, "The input '\(input.name)' has options but is no choice", at: input.position)
            }
            defaultValue(of: input)
        }
        for input in workflow.call?.inputs ?? [] {
            defaultValue(of: input)
            if input.required, let value = input.defaultValue {
                report(
                    .inputs, "The default of the input '\(input.name)' is never used: it is required",
                    at: value.position)
            }
        }
    }

    private mutating func defaultValue(of input: WorkflowInput) {
        guard let value = input.defaultValue else { return }
        let fits: Bool =
            switch (input.type, value.kind) {
            case (_, .expression), (.string, _), (.environment, _), (.boolean, .boolean), (.number, .number): true
            case (.boolean, .string(let text)): text == "true" || text == "false" || text.isEmpty
            case (.number, .string(let text)): !NumberText.parse(text).isNaN
            case (.choice, _): input.options.isEmpty || input.options.contains(value.literalText ?? "")
            default: false
            }
        if !fits {
            report(
                .inputs,
                "The default '\(value.literalText ?? "")' of the input '\(input.name)' is no \(input.type.rawValue)"
                    + (input.type == .choice ? " among its options" : ""), at: value.position)
        }
    }

    private mutating func report(_ code: LintCode, _ message: String, at position: SourcePosition) {
        diagnostics.append(Diagnostic(lint: code, message: message, file: file, at: position))
    }
}
