/// Checks a job that calls a workflow against that workflow. Texts are GitHub's; places lie in the caller's file.
public struct WorkflowCallCheck: Sendable {
    /// What the token may do where neither file says so; nil sets no bound.
    public var policy: TokenPolicy?

    public init(policy: TokenPolicy? = nil) {
        self.policy = policy
    }

    /// - Parameter inherited: the permissions under which `caller` was called itself.
    public func check(
        _ job: Job, in caller: Workflow, calling callee: Workflow, inherited: Permissions? = nil
    ) -> [Diagnostic] {
        guard case .call(let call) = job.body else { return [] }
        guard let interface = callee.call else {
            return [
                Diagnostic(
                    code: "not-reusable",
                    message: "workflow is not reusable as it is missing a `on.workflow_call` trigger: \(call.uses)",
                    file: caller.file, at: call.usesPosition)
            ]
        }
        var diagnostics = inputs(of: call, interface, caller.file)
        diagnostics += secrets(of: call, interface, caller.file)
        diagnostics += permissions(
            of: job, call, callee, allowed: Self.permissions(of: job, in: caller, inherited: inherited), caller.file)
        return diagnostics
    }

    /// The permissions of a job: its own, else the file's, else those of the call.
    public static func permissions(of job: Job, in workflow: Workflow, inherited: Permissions?) -> Permissions? {
        job.permissions ?? workflow.permissions ?? inherited
    }

    // MARK: - Inputs and secrets

    private func inputs(of call: WorkflowCall, _ interface: WorkflowCallInterface, _ file: String) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        var given: Set<String> = []
        let hasInsert = Self.hasExpressionKey(call.with)
        for pair in call.with?.pairs ?? [] {
            guard let name = pair.key.literalText else { continue }
            given.insert(name.lowercased())
            guard let input = interface.inputs.first(where: { OrdinalText.same($0.name, name) }) else {
                var diagnostic = Diagnostic(
                    code: "unknown-input",
                    message: "Invalid input, \(name) is not defined in the referenced workflow.", file: file,
                    at: pair.key.position)
                diagnostic.hint = Nearest.hint(for: name, among: interface.inputs.map(\.name))
                diagnostics.append(diagnostic)
                continue
            }
            if !Self.fits(pair.value, input.type) {
                diagnostics.append(
                    Diagnostic(
                        code: "input-type", message: "Unexpected value '\(pair.value.literalText ?? "")'",
                        file: file, at: pair.value.position))
            }
        }
        for input in interface.inputs where input.required && !given.contains(input.name.lowercased()) && !hasInsert {
            diagnostics.append(
                Diagnostic(
                    code: "missing-input", message: "Input \(input.name) is required, but not provided while calling.",
                    file: file, at: call.usesPosition))
        }
        return diagnostics
    }

    private func secrets(of call: WorkflowCall, _ interface: WorkflowCallInterface, _ file: String) -> [Diagnostic] {
        if call.inheritsSecrets { return [] }
        var diagnostics: [Diagnostic] = []
        var given: Set<String> = []
        for pair in call.secrets?.pairs ?? [] {
            guard let name = pair.key.literalText else { continue }
            given.insert(name.lowercased())
            if !interface.secrets.contains(where: { OrdinalText.same($0.name, name) }) {
                diagnostics.append(
                    Diagnostic(
                        code: "unknown-secret",
                        message: "Invalid secret, \(name) is not defined in the referenced workflow.", file: file,
                        at: pair.key.position))
            }
        }
        let hasInsert = Self.hasExpressionKey(call.secrets)
        for secret in interface.secrets where secret.required && !given.contains(secret.name.lowercased()) && !hasInsert
        {
            diagnostics.append(
                Diagnostic(
                    code: "missing-secret",
                    message: "Secret \(secret.name) is required, but not provided while calling.", file: file,
                    at: call.usesPosition))
        }
        return diagnostics
    }

    private static func hasExpressionKey(_ token: TemplateToken?) -> Bool {
        guard let token else { return false }
        if case .expression = token.kind { return true }
        return token.pairs.contains { $0.key.literalText == nil }
    }

    /// A string takes every scalar; what an expression yields is known later.
    private static func fits(_ token: TemplateToken, _ type: WorkflowInput.InputType) -> Bool {
        switch (type, token.kind) {
        case (_, .expression), (.string, _), (.choice, _), (.environment, _): true
        case (.boolean, .boolean), (.number, .number): true
        default: false
        }
    }

    // MARK: - Permissions

    private func permissions(
        of job: Job, _ call: WorkflowCall, _ callee: Workflow, allowed: Permissions?, _ file: String
    ) -> [Diagnostic] {
        guard let limit = allowed.map({ PermissionSet($0) }) ?? policy.map({ PermissionSet($0) }) else { return [] }
        var diagnostics: [Diagnostic] = []
        func require(_ permissions: Permissions?, by subject: String) {
            guard let requested = permissions.map({ PermissionSet($0) }) else { return }
            let scopes = requested.scopes(above: limit)
            if scopes.isEmpty { return }
            diagnostics.append(
                Diagnostic(
                    code: "permissions",
                    message: "Error calling workflow '\(call.uses)'. \(subject) is requesting "
                        + "'\(requested.text(of: scopes))', but is only allowed '\(limit.text(of: scopes))'.",
                    file: file, at: job.position))
        }
        require(callee.permissions, by: "The workflow '\(call.uses)'")
        for nested in callee.jobs {
            require(nested.permissions, by: "The nested job '\(nested.name?.literalText ?? nested.id)'")
        }
        return diagnostics
    }
}
