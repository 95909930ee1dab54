extension Job {
    /// The job as JSON in the form of the parsed template, expressions unevaluated: what is stored of a definition.
    public var definitionJSON: String {
        let json = JobJSON(writer: TokenJSON(file: 1, includeSource: false))
        var members = json.common(self, TemplateToken(.string(id), at: position), source)
        switch body {
        case .steps(let steps): members += json.body(steps, source)
        case .call: members += json.call(source)
        }
        return WorkflowTemplate.object(members).json(pretty: false)
    }
}
