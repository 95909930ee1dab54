internal import Execution
internal import Model
internal import Services
internal import Storage

/// The result of runs as JUnit XML: a suite a run, a case a job.
struct JUnitReport {
    let services: Services

    func write(_ runs: [RunID], to path: String) async throws {
        var suites = ""
        for id in runs {
            guard let summary = try await services.history.run(id) else { continue }
            suites += try await suite(summary)
        }
        do {
            try Files.write(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\(suites)</testsuites>\n",
                to: Directories.absolute(path))
        } catch {
            throw CommandError(ExitStatus.engine, "--junit: \(error.message)")
        }
    }

    private func suite(_ summary: HistoryService.RunSummary) async throws -> String {
        let jobs = try await services.history.jobs(of: summary.run.id).filter { $0.kind == .steps }
        func count(_ words: Set<JobConclusion>) -> Int { jobs.count { $0.conclusion.map(words.contains) ?? false } }
        var text = "  <testsuite name=\"\(Self.escaped(summary.run.name))\" tests=\"\(jobs.count)\""
        text += " failures=\"\(count([.failure, .startupFailure]))\" skipped=\"\(count([.skipped, .cancelled]))\""
        text += " time=\"\(Self.seconds(summary.run.createdAt, summary.run.completedAt))\">\n"
        for job in jobs {
            text += "    <testcase classname=\"\(Self.escaped(summary.filename))\" name=\"\(Self.escaped(job.name))\""
            text += " time=\"\(Self.seconds(job.startedAt, job.completedAt))\">\n"
            text += try await outcome(of: job)
            text += "    </testcase>\n"
        }
        return text + "  </testsuite>\n"
    }

    private func outcome(of job: JobExecution) async throws -> String {
        switch job.conclusion {
        case .failure, .startupFailure:
            var details: [String] = job.statusMessage.map { [$0] } ?? []
            for step in try await services.history.steps(of: job.id) where step.conclusion == .failure {
                details.append("\(step.name): exit \(step.exitCode.map(String.init) ?? "-")")
                details += try await LogReader(services: services).tail(job.id, of: step, count: 50).map(\.text)
            }
            let message = Self.escaped(details.first ?? "failed")
            return "      <failure message=\"\(message)\">\(Self.escaped(details.joined(separator: "\n")))</failure>\n"
        case .skipped, .cancelled:
            let reason = job.statusMessage ?? JobBlock.words(job.statusReason)
            return "      <skipped message=\"\(Self.escaped(reason))\"/>\n"
        default: return ""
        }
    }

    private static func seconds(_ from: Timestamp?, _ to: Timestamp?) -> String {
        guard let from, let to else { return "0" }
        let milliseconds = max(0, to.microseconds - from.microseconds) / 1_000
        let rest = "\(milliseconds % 1_000)"
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// For text and attributes; characters that XML 1.0 has no place for are dropped.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                if scalar.value >= 32, scalar.value != 0xfffe, scalar.value != 0xffff {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
