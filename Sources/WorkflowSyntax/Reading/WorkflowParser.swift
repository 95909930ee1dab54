/// Reads workflow files: text to a checked ``Workflow``, or to diagnostics.
public struct WorkflowParser: Sendable {
    /// Whether `on` must be there.
    public var requiringTriggers: Bool
    /// Whether every need must name a job of the file: not in a fragment whose jobs join those of a run.
    public var requiringNeeds: Bool
    /// Bytes of a file.
    public var maximumSize: Int
    /// Nested collections.
    public var maximumDepth: Int
    /// Whether ``WorkflowLinter`` adds what it finds: filters, types of expressions, names of steps and outputs. Such
    /// diagnostics never withhold the workflow, as GitHub runs it.
    public var linting: Bool
    /// Where the linter looks up time zones; nil, or a source without names, leaves their names unchecked.
    public var zones: (any ZoneSource)?

    public init(
        requiringTriggers: Bool = true, requiringNeeds: Bool = true, maximumSize: Int = 1 << 20,
        maximumDepth: Int = 50, linting: Bool = false, zones: (any ZoneSource)? = nil
    ) {
        self.zones = zones
        self.requiringNeeds = requiringNeeds
        self.requiringTriggers = requiringTriggers
        self.maximumSize = maximumSize
        self.maximumDepth = maximumDepth
        self.linting = linting
    }

    /// Never fails otherwise than by diagnostics, in the order of the file.
    public func parse(_ text: String, file: String) -> WorkflowParseResult {
        parseTree(text, file: file).result
    }

    /// As ``parse(_:file:)``, for bytes that may be no UTF-8.
    public func parse(bytes: [UInt8], file: String) -> WorkflowParseResult {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return WorkflowParseResult(workflow: nil, diagnostics: [SourceText.notUTF8(file, bytes)])
        }
        return parse(text, file: file)
    }

    /// With the checked tree, from which the template's JSON is written.
    func parseTree(_ text: String, file: String) -> (result: WorkflowParseResult, root: TemplateToken?) {
        let reading = SourceText.read(
            text, file: file, schema: .workflow,
            root: requiringTriggers ? "workflow-root" : "workflow-root-relaxed",
            limits: YAMLReader.Limits(size: maximumSize, depth: maximumDepth))
        guard let root = reading.root, reading.diagnostics.isEmpty else {
            return (WorkflowParseResult(workflow: nil, diagnostics: reading.diagnostics), nil)
        }
        var converter = WorkflowConverter(file: file, requiringNeeds: requiringNeeds)
        let workflow = converter.convert(root)
        var diagnostics = converter.diagnostics
        let failed = diagnostics.contains { $0.severity == .error }
        if linting && !failed {
            var linter = WorkflowLinter(workflow, root, text: text, zones: zones)
            diagnostics += linter.check()
        }
        return (WorkflowParseResult(workflow: failed ? nil : workflow, diagnostics: diagnostics), root)
    }
}

/// What a workflow file holds.
public struct WorkflowParseResult: Sendable {
    /// Nil when the file cannot be run: GitHub's parser would report it.
    public var workflow: Workflow?
    public var diagnostics: [Diagnostic]
}
