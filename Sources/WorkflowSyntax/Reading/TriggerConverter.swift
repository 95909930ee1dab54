/// `on` in its three forms.
struct TriggerConverter {
    private(set) var triggers: [Trigger] = []
    private(set) var call: WorkflowCallInterface?
    private(set) var dispatchInputs: [WorkflowInput] = []

    mutating func convert(_ on: TemplateToken?) {
        guard let on else { return }
        switch on.kind {
        case .mapping(let pairs):
            for pair in pairs { add(pair.key.literalText ?? "", pair.value, at: pair.key.position) }
        case .sequence(let items):
            for item in items { add(item.literalText ?? "", nil, at: item.position) }
        default: add(on.literalText ?? "", nil, at: on.position)
        }
    }

    private mutating func add(_ event: String, _ value: TemplateToken?, at position: SourcePosition) {
        if event == "workflow_call" { call = Self.interface(value) }
        if event == "workflow_dispatch" { dispatchInputs = Self.inputs(value?["inputs"]) }
        triggers.append(
            Trigger(
                event: event, position: position,
                types: Conversion.strings(value?["types"]),
                branches: Conversion.strings(value?["branches"]),
                branchesIgnore: Conversion.strings(value?["branches-ignore"]),
                tags: Conversion.strings(value?["tags"]),
                tagsIgnore: Conversion.strings(value?["tags-ignore"]),
                paths: Conversion.strings(value?["paths"]),
                pathsIgnore: Conversion.strings(value?["paths-ignore"]),
                workflows: Conversion.strings(value?["workflows"]),
                schedules: event == "schedule" ? Self.schedules(value) : []))
    }

    private static func schedules(_ value: TemplateToken?) -> [Trigger.Schedule] {
        (value?.items ?? []).compactMap { item in
            guard let cron = item["cron"], let text = cron.literalText else { return nil }
            return Trigger.Schedule(
                cron: text, timezone: item["timezone"]?.literalText, position: cron.position,
                timezonePosition: item["timezone"]?.position)
        }
    }

    private static func interface(_ value: TemplateToken?) -> WorkflowCallInterface {
        let secrets = (value?["secrets"]?.pairs ?? []).map { pair in
            WorkflowCallInterface.Secret(
                name: pair.key.literalText ?? "", required: Conversion.flag(pair.value["required"]),
                position: pair.key.position)
        }
        let outputs = (value?["outputs"]?.pairs ?? []).compactMap { pair in
            pair.value["value"].map {
                WorkflowCallInterface.Output(name: pair.key.literalText ?? "", value: $0)
            }
        }
        return WorkflowCallInterface(inputs: inputs(value?["inputs"]), secrets: secrets, outputs: outputs)
    }

    static func inputs(_ value: TemplateToken?) -> [WorkflowInput] {
        (value?.pairs ?? []).map { pair in
            WorkflowInput(
                name: pair.key.literalText ?? "",
                type: pair.value["type"]?.literalText.flatMap(WorkflowInput.InputType.init) ?? .string,
                description: pair.value["description"]?.literalText,
                required: Conversion.flag(pair.value["required"]), defaultValue: pair.value["default"],
                options: Conversion.strings(pair.value["options"]) ?? [], position: pair.key.position)
        }
    }
}
