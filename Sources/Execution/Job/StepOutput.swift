internal import Glibc
internal import Masking
internal import Model
internal import Services
internal import Synchronization

/// Reads what one step writes: divides it into lines, obeys workflow commands, masks, and reports.
/// Its `receive` runs on the reactor's thread.
final class StepOutput: Sendable {
    /// What the commands of a step set.
    struct Effects: Sendable {
        var outputs: [(name: String, value: String)] = []
        var state: [(name: String, value: String)] = []
        var environment: [(name: String, value: String)] = []
        var paths: [String] = []
        /// The message of a command that fails the step.
        var failure: String?
    }

    private struct State {
        var session: CommandSession
        var matchers: ActiveMatchers
        var effects = Effects()
        var buffers: [[UInt8]] = [[], []]
        /// Lines that are too long to be held: what is logged of them in parts.
        var longLines: [LongLine?] = [nil, nil]
        var bytes = 0
        var isTruncated = false
        var annotationCounts: [Annotation.Level: Int] = [:]
        var lines: Int64 = 0
        var firstLine: Int64?
        var use: ResourceUse?
    }

    /// A step's log ends here, with a notice.
    static let byteLimit = 64 << 20
    static let annotationLimit = 10
    /// The longest message of an annotation, characters.
    static let messageLimit = 4_096
    /// The longest line that is held as a whole because it may be a command, bytes.
    static let commandLimit = 4 << 20
    static let matcherFileLimit = 1 << 20

    private let state: Mutex<State>
    private let step: Int64
    private let reporter: JobReporter
    private let masker: SharedMasker
    private let matchers: ProblemMatchers
    private let workspace: String
    private let showsDebug: Bool
    /// Whose files the step names.
    private let user: JobUser?

    /// `environment` is the step's, for switches of the commands.
    init(
        step: Int64, reporter: JobReporter, masker: SharedMasker, matchers: ProblemMatchers, workspace: String,
        showsDebug: Bool, user: JobUser? = nil, environment: (String) -> String?
    ) {
        self.step = step
        self.reporter = reporter
        self.masker = masker
        self.matchers = matchers
        self.workspace = workspace
        self.showsDebug = showsDebug
        self.user = user
        state = Mutex(
            State(
                session: CommandSession(environment: environment),
                matchers: ActiveMatchers(matchers.all, workspace: workspace)))
    }

    /// The output of another step follows, of the same job's step when that is a composite action: commands that one
    /// step stopped are obeyed again.
    func begin(environment: (String) -> String?) {
        let session = CommandSession(environment: environment)
        state.withLock { $0.session = session }
    }

    /// What a program of the step used.
    func add(_ use: ResourceUse) {
        state.withLock { $0.use = $0.use.map { known in known + use } ?? use }
    }

    /// Of all programs that the step started so far; nil of none.
    var use: ResourceUse? { state.withLock { $0.use } }

    func receive(_ stream: OutputStream, _ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        state.withLock { state in
            let index = stream == .standardOutput ? 0 : 1
            var from = 0
            while from < bytes.count, let hit = memchr(base + from, 10, bytes.count - from) {
                let end = UnsafeRawPointer(hit) - base
                let part = UnsafeRawBufferPointer(rebasing: bytes[from..<end])
                if state.buffers[index].isEmpty, state.longLines[index] == nil {
                    line(String(decoding: part, as: UTF8.self), stream, &state)
                } else {
                    take(part, index, stream, &state)
                    endLine(index, stream, &state)
                }
                from = end + 1
            }
            take(UnsafeRawBufferPointer(rebasing: bytes[from...]), index, stream, &state)
        }
    }

    /// The last lines, which no line break ends.
    func finish() -> Effects {
        state.withLock { state in
            flush(&state)
            defer { state.effects = Effects() }
            return state.effects
        }
    }

    /// What `save-state` commands saved so far; it is taken.
    func savedState() -> [(String, String)] {
        state.withLock { state in
            flush(&state)
            defer { state.effects.state = [] }
            return state.effects.state.map { ($0.name, $0.value) }
        }
    }

    /// The lines of the step in the log of its job: the first, 1-based, and how many.
    var slice: (first: Int64?, count: Int64) { state.withLock { ($0.firstLine, $0.lines) } }

    /// What plue itself says of the step.
    func note(_ text: String) {
        state.withLock { state in
            // Behind what the step wrote without a line break.
            flush(&state)
            emit(text, .system, &state)
        }
    }

    func annotate(_ annotation: Annotation) {
        state.withLock { state in
            flush(&state)
            self.annotate(annotation, as: nil, &state)
        }
    }

    private func flush(_ state: inout State) {
        for index in 0..<2 where !state.buffers[index].isEmpty || state.longLines[index] != nil {
            endLine(index, index == 0 ? .standardOutput : .standardError, &state)
        }
    }

    private func endLine(_ index: Int, _ stream: OutputStream, _ state: inout State) {
        if var long = state.longLines[index] {
            state.longLines[index] = nil
            for part in long.finish(masker.current) { store(part, Self.logStream(stream), &state) }
            return
        }
        let text = String(decoding: state.buffers[index], as: UTF8.self)
        state.buffers[index].removeAll(keepingCapacity: state.buffers[index].count < LogService.lineLimit * 4)
        line(text, stream, &state)
    }

    /// A part of a line. One that is too long to be held, and no command, is masked and logged in parts.
    private func take(_ part: UnsafeRawBufferPointer, _ index: Int, _ stream: OutputStream, _ state: inout State) {
        guard state.longLines[index] == nil else { return extend(part, index, stream, &state) }
        state.buffers[index] += part
        let limit = LogService.lineLimit
        guard state.buffers[index].count > limit * 2 else { return }
        let mayBeCommand = state.buffers[index].withUnsafeBufferPointer {
            WorkflowCommand.mayBegin(.init(rebasing: $0.prefix(limit)))
        }
        if mayBeCommand, state.buffers[index].count < Self.commandLimit { return }
        state.longLines[index] = LongLine()
        let held = state.buffers[index]
        state.buffers[index] = []
        held.withUnsafeBytes { extend($0, index, stream, &state) }
    }

    private func extend(_ part: UnsafeRawBufferPointer, _ index: Int, _ stream: OutputStream, _ state: inout State) {
        if state.isTruncated { return }
        let records = state.longLines[index]?.push(part, masker.current) ?? []
        for record in records { store(record, Self.logStream(stream), &state) }
    }

    private static func withoutReturn(_ text: String) -> String {
        guard text.utf8.last == 13 else { return text }
        var text = text
        text.unicodeScalars.removeLast()
        return text
    }

    private static func logStream(_ stream: OutputStream) -> LogLine.Stream {
        stream == .standardOutput ? .stdout : .stderr
    }

    private func line(_ text: String, _ stream: OutputStream, _ state: inout State) {
        let text = Self.withoutReturn(text)
        let stream = Self.logStream(stream)
        switch state.session.process(text) {
        case .text: return plain(text, stream, &state)
        case .setOutput(let name, let value): state.effects.outputs.append((name, value))
        case .saveState(let name, let value): state.effects.state.append((name, value))
        case .setEnvironment(let name, let value): state.effects.environment.append((name, value))
        case .addPath(let path): state.effects.paths.append(path)
        case .addMask(let secret): masker.add(secret)
        case .annotation(let annotation): return annotate(annotation, as: nil, &state)
        case .debug(let text):
            if showsDebug { emit("##[debug]\(text)", .system, &state) }
            return
        case .group(let title): return emit("##[group]\(title)", .system, &state)
        case .endGroup: return emit("##[endgroup]", .system, &state)
        case .addMatcher(let file): addMatchers(file, &state)
        case .removeMatcher(let owner, let file): removeMatchers(owner, file, &state)
        case .warning(let message): return annotate(Annotation(.warning, message), as: nil, &state)
        case .handled: break
        case .refused(let message): return fail(message, &state)
        }
        if state.session.echoes { emit(text, stream, &state) }
    }

    /// Ordinary output, in which a problem matcher may see a problem.
    private func plain(_ text: String, _ stream: LogLine.Stream, _ state: inout State) {
        if !state.matchers.isEmpty {
            // Masked before: a code without end would take a part of a secret with it, and the rest would be seen.
            let stripped = TerminalCodes.strip(masker.mask(text))
            if let annotation = state.matchers.annotation(for: stripped) {
                return annotate(annotation, as: stripped, &state)
            }
        }
        emit(text, stream, &state)
    }

    private func fail(_ message: String, _ state: inout State) {
        state.effects.failure = state.effects.failure ?? message
        annotate(Annotation(.error, message), as: nil, &state)
    }

    private func addMatchers(_ file: String, _ state: inout State) {
        do {
            for config in try readMatchers(file) { matchers.add(config) }
            state.matchers = ActiveMatchers(matchers.all, workspace: workspace)
        } catch {
            fail("\(file): \(error.message)", &state)
        }
    }

    private func removeMatchers(_ owner: String?, _ file: String?, _ state: inout State) {
        do {
            let owners = try file.map { try readMatchers($0).map(\.owner) } ?? [owner ?? ""]
            for owner in owners { matchers.remove(owner: owner) }
            state.matchers = ActiveMatchers(matchers.all, workspace: workspace)
        } catch {
            fail("\(file ?? ""): \(StepRunner.text(error))", &state)
        }
    }

    private func readMatchers(_ file: String) throws(ExecutionError) -> [ProblemMatcherConfig] {
        let path = Files.normalize(file, in: workspace)
        let bytes = user.perform { Files.isSpecial(path) ? nil : Files.bytes(path, limit: Self.matcherFileLimit) }
        guard let bytes else {
            throw ExecutionError("the file with problem matchers cannot be read")
        }
        return try ProblemMatcherConfig.read(String(decoding: bytes, as: UTF8.self))
    }

    /// `line` is shown in place of the message.
    private func annotate(_ annotation: Annotation, as line: String?, _ state: inout State) {
        var annotation = annotation
        // Masked before it is cut, so that no part of a secret is left.
        let message = masker.mask(annotation.message)
        annotation.message = message.count > Self.messageLimit ? String(message.prefix(Self.messageLimit)) : message
        annotation.title = annotation.title.map(masker.mask)
        annotation.file = annotation.file.map(masker.mask)
        emit("##[\(annotation.level.rawValue)]\(line ?? message)", .system, &state)
        let count = state.annotationCounts[annotation.level, default: 0] + 1
        state.annotationCounts[annotation.level] = count
        if count <= Self.annotationLimit { reporter.add(.annotation(step: step, annotation)) }
    }

    private func emit(_ text: String, _ stream: LogLine.Stream, _ state: inout State) {
        if state.isTruncated { return }
        store(masker.mask(text), stream, &state)
    }

    /// Takes what is masked.
    private func store(_ text: String, _ stream: LogLine.Stream, _ state: inout State) {
        if state.isTruncated { return }
        state.bytes += text.utf8.count + 1
        var (text, stream) = (text, stream)
        if state.bytes > Self.byteLimit {
            state.isTruncated = true
            // Not the step's own word.
            (text, stream) = ("##[warning]The log of this step is over 64 MiB: the rest of it is left out", .system)
        }
        if state.firstLine == nil { state.firstLine = reporter.nextLine }
        let now = Clock.microseconds()
        // A message may have lines of its own, a repaired text more bytes than a record may have.
        for part in LineSplitter.records(text, limit: LogService.lineLimit) {
            state.lines += 1
            reporter.log(LogLine(step: step, stream: stream, microseconds: now, text: part))
        }
    }
}
