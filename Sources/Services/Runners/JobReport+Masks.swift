internal import Masking
internal import Model

extension JobReport {
    /// In lines of a log each byte of a secret is a star: where later lines stand was said by the runner.
    func masked(by masker: Masker) -> JobReport {
        switch self {
        case .stepStarted(let number, let name, let contextName, let action, let at):
            return .stepStarted(
                number: number, name: masker.mask(name), contextName: contextName, action: action, at: at)
        case .stepFinished(var result, let firstLine, let lineCount, let at):
            result.name = masker.mask(result.name)
            return .stepFinished(result, logFirstLine: firstLine, logLineCount: lineCount, at: at)
        case .log(let sequence, let firstLine, let firstByte, let lines):
            return .log(
                sequence: sequence, firstLine: firstLine, firstByte: firstByte, Self.masked(lines, by: masker))
        case .annotation(let step, var annotation):
            annotation.message = masker.mask(annotation.message)
            annotation.title = annotation.title.map(masker.mask)
            annotation.file = annotation.file.map(masker.mask)
            return .annotation(step: step, annotation)
        case .summary(let step, let content): return .summary(step: step, content: masker.mask(content))
        case .variable(let step, let name, let isRefused):
            return .variable(step: step, name: masker.mask(name), isRefused: isRefused)
        }
    }

    /// Records of one line that was divided are masked as one.
    private static func masked(_ lines: [LogLine], by masker: Masker) -> [LogLine] {
        var result = lines
        var from = 0
        while from < lines.count {
            var end = from + 1
            while end < lines.count, lines[end].step == lines[from].step, lines[end].stream == lines[from].stream,
                lines[end - 1].text.utf8.count > LogService.lineLimit - 4
            {
                end += 1
            }
            let texts = masker.maskKeepingLengths(lines[from..<end].map(\.text))
            for (index, text) in texts.enumerated() { result[from + index].text = text }
            from = end
        }
        return result
    }
}

extension Completion {
    /// An output that holds a secret is left out.
    func masked(by masker: Masker) -> Completion {
        var masked = self
        masked.message = message.map(masker.mask)
        masked.values = values.filter { !masker.hasSecret($0.1) }
        if let (claim, list) = reports { masked.reports = (claim, list.map { $0.masked(by: masker) }) }
        return masked
    }
}
