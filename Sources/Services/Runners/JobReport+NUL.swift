internal import Model

extension JobReport {
    /// What it says as every database can store it: PostgreSQL's texts hold no NUL, so U+FFFD stands for one. Lines of a
    /// log are bytes there, and stay as they are.
    var withoutNUL: JobReport {
        switch self {
        case .stepStarted(let number, let name, let contextName, let action, let at):
            return .stepStarted(
                number: number, name: name.withoutNUL, contextName: contextName, action: action, at: at)
        case .stepFinished(var result, let firstLine, let lineCount, let at):
            result.name = result.name.withoutNUL
            return .stepFinished(result, logFirstLine: firstLine, logLineCount: lineCount, at: at)
        case .log: return self
        case .annotation(let step, var annotation):
            annotation.message = annotation.message.withoutNUL
            annotation.title = annotation.title?.withoutNUL
            annotation.file = annotation.file?.withoutNUL
            return .annotation(step: step, annotation)
        case .summary(let step, let content): return .summary(step: step, content: content.withoutNUL)
        case .variable(let step, let name, let isRefused):
            return .variable(step: step, name: name.withoutNUL, isRefused: isRefused)
        }
    }
}

extension Completion {
    /// See ``JobReport/withoutNUL``. Outputs are stored as JSON, which escapes one.
    var withoutNUL: Completion {
        var changed = self
        changed.message = message?.withoutNUL
        if let (claim, list) = reports { changed.reports = (claim, list.map(\.withoutNUL)) }
        return changed
    }
}

extension String {
    fileprivate var withoutNUL: String {
        utf8.contains(0)
            ? String(String.UnicodeScalarView(unicodeScalars.map { $0.value == 0 ? "\u{fffd}" : $0 })) : self
    }
}
