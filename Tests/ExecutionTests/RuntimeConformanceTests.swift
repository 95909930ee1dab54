import Masking
import Model
import Services
import Storage
import TestSupport
import Testing
import WorkflowSyntax

@testable import Execution

/// GitHub's runner, case by case.
@Suite(.enabled(if: Conformance.isPresent)) struct RuntimeConformanceTests {
    @Test func commands() async throws {
        try await Conformance.check("commands") { entry in
            let command = WorkflowCommand(entry["input"]?.text ?? "")
            guard let expected = entry["expected"], !expected.isNull else { return command.map { "a command: \($0)" } }
            guard let command else { return "no command" }
            let properties = Dictionary(command.properties, uniquingKeysWith: { $1 })
            return command.name == expected["command"]?.text.lowercased() && command.data == expected["data"]?.text
                && properties == expected["properties"]?.texts ? nil : "\(command)"
        }
    }

    @Test func commandSessions() async throws {
        try await Conformance.check("command-sessions") { entry in
            let environment = entry["env"]?.texts ?? [:]
            var session = CommandSession { environment[$0] }
            let masker = SharedMasker()
            for line in entry["lines"]?.elements ?? [] {
                let outcome = session.process(line["line"]?.text ?? "")
                if case .addMask(let secret) = outcome { masker.add(secret) }
                if let handled = line["handled"]?.isTruthy, handled == (outcome == .text) { return "\(outcome)" }
                if line["error"]?.isTruthy == true {
                    guard case .refused = outcome else { return "no error but \(outcome)" }
                }
                if let echo = line["echo"]?.isTruthy, echo != session.echoes { return "echo" }
            }
            for pair in entry["expected"]?["masked"]?.pairs ?? [] where masker.mask(pair.key) != pair.value.text {
                return "\(pair.key) is \(masker.mask(pair.key))"
            }
            return try await Self.sessionFault(entry, environment)
        }
    }

    private static func sessionFault(_ entry: ExpressionValue, _ environment: [String: String]) async throws -> String?
    {
        guard let expected = entry["expected"] else { return nil }
        let lines = (entry["lines"]?.elements.map { $0["line"]?.text ?? "" } ?? []).joined(separator: "\n")
        let env = environment.map { "\n    \($0.key): '\($0.value)'" }.joined()
        let job = TestJob(files: ["lines": lines])
        let result = try await job.runDumping(
            "- id: s\n  run: cat lines" + (env.isEmpty ? "" : "\n  env:" + env),
            ["outputs": "steps.s.outputs", "env": "env", "step": "steps.s.outcome"])
        for name in ["outputs", "env"] {
            if let texts = expected[name]?.texts, texts != result.dumps[name]?.texts {
                return "\(name): \(result.dumps)"
            }
        }
        if let outcome = expected["stepResult"]?.text, outcome != result.dumps["step"]?.text {
            return "\(result.dumps)"
        }
        guard let issues = expected["issues"]?.elements else { return nil }
        let annotations = result.result.annotations
        guard issues.count == annotations.count else { return "\(annotations)" }
        for (issue, annotation) in zip(issues, annotations) {
            if issue["type"]?.text != annotation.level.rawValue { return "\(annotation)" }
            if let message = issue["message"]?.text, message != annotation.message { return "\(annotation)" }
            if let data = issue["data"]?.texts, data != Self.data(annotation) { return "\(annotation)" }
        }
        return nil
    }

    /// The properties of the command that would give it.
    private static func data(_ annotation: Annotation) -> [String: String] {
        var data: [String: String] = [:]
        data["file"] = annotation.file
        data["title"] = annotation.title
        data["line"] = annotation.line.map { String($0) }
        data["endLine"] = annotation.endLine.map { String($0) }
        data["col"] = annotation.column.map { String($0) }
        data["endColumn"] = annotation.endColumn.map { String($0) }
        return data
    }

    @Test func annotationPositions() async throws {
        try await Conformance.check("annotation-positions") { entry in
            guard let command = WorkflowCommand(entry["input"]?.text ?? "") else { return "no command" }
            let data = Self.data(AnnotationReader.read(command, .warning))
            return data == entry["expected"]?["properties"]?.texts ? nil : "\(data)"
        }
    }

    @Test func envFiles() async throws {
        try await Conformance.check("env-files") { entry in
            let file = entry["file"]?.text ?? ""
            let input = entry["input"].flatMap { $0.isNull ? nil : $0.text }
            if file == "GITHUB_STATE" { return Self.stateFault(input ?? "", entry) }
            let job = TestJob(files: ["input": input ?? ""])
            let script = input == nil ? "rm $\(file)" : "cat input > $\(file)"
            let dumped = try await job.runDumping(
                "- id: s\n  run: \(script)", ["values": file == "GITHUB_ENV" ? "env" : "steps.s.outputs"])
            let errors = dumped.result.annotations.filter { $0.level == .error }
            if let message = entry["expected"]?["error"]?.text {
                let isTold = errors.contains { $0.message.contains(message) }
                return isTold && dumped.result.conclusion == .failure ? nil : "\(errors)"
            }
            guard errors.count == Int(entry["expected"]?["issues"]?.number ?? 0) else { return "\(errors)" }
            let values = dumped.dumps["values"]?.texts
            return values == entry["expected"]?["values"]?.texts ? nil : "\(values ?? [:])"
        }
    }

    private static func stateFault(_ input: String, _ entry: ExpressionValue) -> String? {
        do {
            let pairs = Dictionary(try CommandFile.parse(Array(input.utf8)), uniquingKeysWith: { $1 })
            return pairs == entry["expected"]?["values"]?.texts ? nil : "\(pairs)"
        } catch {
            guard let message = entry["expected"]?["error"]?.text else { return error.message }
            return error.message.contains(message) ? nil : error.message
        }
    }

    @Test func pathFile() async throws {
        try await Conformance.check("path-file") { entry in
            let initial = entry["initial"]?.elements.map(\.text) ?? []
            let job = TestJob(files: ["input": entry["input"]?.text ?? "", "initial": initial.joined(separator: "\n")])
            let result = try await job.run(
                steps: """
                    - run: cat initial > $GITHUB_PATH
                    - run: cat input > $GITHUB_PATH
                    - run: echo "$PATH"
                    """)
            let expected = entry["expected"]?["prepend"]?.elements.map(\.text) ?? []
            let path = (expected.reversed() + [job.environment["PATH"] ?? ""]).joined(separator: ":")
            return result.log(step: 3) == [path] ? nil : result.log
        }
    }

    @Test func summaryFile() async throws {
        try await Conformance.check("summary-file") { entry in
            let size = Int(entry["size"]?.number ?? 0)
            let result = try await TestJob().run(
                steps: "- run: head -c \(size) /dev/zero | tr '\\0' a > $GITHUB_STEP_SUMMARY")
            let expected = entry["expected"]
            let isRight =
                result.summaries.map(\.utf8.count) == (expected?["uploaded"]?.isTruthy == true ? [size] : [])
                && result.annotations.count == Int(expected?["issues"]?.number ?? 0)
            return isRight ? nil : "\(result.summaries.map(\.utf8.count)) \(result.annotations)"
        }
    }

    @Test func masks() async throws {
        try await Conformance.check("masks") { entry in
            var masker = Masker()
            masker.add((entry["masks"]?.elements ?? []).map(\.text))
            let masked = masker.mask(entry["input"]?.text ?? "")
            return masked == entry["expected"]?.text ? nil : masked
        }
    }

    @Test func hashFiles() async throws {
        try await Conformance.check("hash-files") { entry in
            let folder = try TestFolder()
            for file in entry["files"]?.pairs ?? [] { try folder.write(file.key, file.value.text) }
            let hash = try FileHash.evaluate(entry["patterns"]?.elements ?? [], workspace: folder.path)
            return hash == entry["expected"]?.text ? nil : hash
        }
    }

    @Test func statusFunctions() async throws {
        let text = "on: push\njobs: { j: { runs-on: self-hosted, steps: [{ run: 'true' }] } }\n"
        let claimed = try await TestJob().claim(workflow: text)
        try await Conformance.check("status-functions") { entry in
            let job = claimed.state()
            let isComposite = entry["composite"]?.isTruthy == true
            let scope = isComposite ? StepScope(action: ActionFolder(path: "/a", root: "/a"), depth: 1) : StepScope()
            job.jobStatus = entry["jobStatus"].flatMap { StepConclusion(rawValue: $0.text) } ?? .success
            scope.status = entry["actionStatus"].flatMap { StepConclusion(rawValue: $0.text) } ?? .success
            let context = job.context(scope, environment: Environment())
            let names = AllowedNames(
                functions: ["always": 0...0, "success": 0...0, "failure": 0...0, "cancelled": 0...0])
            let value = try Expression(entry["expr"]?.text ?? "", allowing: names).evaluate(in: context)
            return value.isTruthy == entry["expected"]?.isTruthy ? nil : value.text
        }
        await claimed.services.backend.close()
    }

    @Test func stepFlow() async throws {
        try await Conformance.check("step-flow") { entry in
            let folder = try TestFolder()
            var job = TestJob()
            job.environment["DUMP"] = folder.path
            var yaml = ""
            let steps = entry["steps"]?.elements ?? []
            for (index, step) in steps.enumerated() {
                let code = step["result"]?.text == "success" ? 0 : 1
                yaml += "- run: 'touch $DUMP/\(index); exit \(code)'\n  if: ${{ \(step["if"]?.text ?? "") }}\n"
                if let id = step["id"]?.text { yaml += "  id: \(id)\n" }
                if step["continueOnError"]?.isTruthy == true { yaml += "  continue-on-error: true\n" }
            }
            let result = try await job.run(steps: yaml)
            let expected = entry["expected"]
            guard result.conclusion.rawValue == expected?["job"]?.text else { return "job \(result.conclusion)" }
            let ran = steps.indices.map { folder.text(String($0)) != nil }
            guard ran == expected?["ran"]?.elements.map(\.isTruthy) else { return "ran \(ran)" }
            let outcomes = result.steps.map { $0.outcome?.rawValue ?? "" }
            let conclusions = result.steps.map { $0.conclusion?.rawValue ?? "" }
            if let wanted = expected?["outcome"]?.elements.map(\.text), wanted != outcomes { return "\(outcomes)" }
            if let wanted = expected?["conclusion"]?.elements.map(\.text), wanted != conclusions {
                return "\(conclusions)"
            }
            return nil
        }
    }

    @Test func problemMatchers() async throws {
        try await Conformance.check("problem-matchers") { entry in
            let json = entry["config"]?.json(pretty: false) ?? ""
            guard let lines = entry["lines"]?.elements else {
                let isValid = (try? ProblemMatcherConfig.read(json)) != nil
                return isValid == entry["expected"]?["valid"]?.isTruthy ? nil : "valid: \(isValid)"
            }
            var matcher = try ProblemMatcher(try #require(try ProblemMatcherConfig.read(json).first))
            for line in lines {
                let match = matcher.match(line["line"]?.text ?? "")
                let values = match.map { found in
                    Dictionary(uniqueKeysWithValues: found.values.map { ($0.key.rawValue, $0.value) })
                }
                let expected = line["match"].flatMap { $0.isNull ? nil : $0.texts }
                if values != expected { return "\(line["line"]?.text ?? ""): \(values ?? [:])" }
            }
            return nil
        }
    }
}

extension TestJob {
    /// Runs a step and, whatever became of it, hands out the values of expressions afterwards.
    func runDumping(
        _ step: String, _ expressions: [String: String]
    ) async throws -> (result: Result, dumps: [String: ExpressionValue]) {
        let folder = try TestFolder()
        var job = self
        job.environment["DUMP"] = folder.path
        var yaml = step + "\n- if: always()\n  env:\n"
        for (name, expression) in expressions { yaml += "    X_\(name): ${{ toJSON(\(expression)) }}\n" }
        yaml += "  run: |\n"
        for name in expressions.keys { yaml += "    printenv X_\(name) > $DUMP/\(name)\n" }
        let result = try await job.run(steps: yaml)
        var dumps: [String: ExpressionValue] = [:]
        for name in expressions.keys { dumps[name] = try ExpressionValue(json: folder.text(name) ?? "null") }
        return (result, dumps)
    }
}
