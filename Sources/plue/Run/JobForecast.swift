internal import Services
internal import WorkflowSyntax

/// What can be said of a workflow's jobs before any of them ran, as if all that they need passed.
struct JobForecast {
    enum Verdict: String {
        case run, skip, fail
    }

    var verdict: Verdict
    var reason: String?
    /// Nil when the matrix depends on what a run brings.
    var legs: Int?

    /// By lower-case job id. `context` holds `github`, `inputs` and `vars`; `hostLabels` are labels of other systems that
    /// mean this host.
    static func make(
        _ workflow: Workflow, _ selection: RunSelection, in context: ExpressionContext, hostLabels: Set<String>
    ) -> [String: JobForecast] {
        var context = context
        context.values["needs"] = .object(ExpressionObject([]))
        context.functions = [
            "success": { (_) throws(ExpressionError) in .boolean(true) },
            "always": { (_) throws(ExpressionError) in .boolean(true) },
            "failure": { (_) throws(ExpressionError) in .boolean(false) },
            "cancelled": { (_) throws(ExpressionError) in .boolean(false) },
        ]
        let chosen = selection.jobs(of: workflow)
        var forecasts: [String: JobForecast] = [:]
        for id in JobGraph(workflow.jobs).levels.joined() {
            guard let job = workflow.job(id) else { continue }
            let key = id.lowercased()
            if !chosen.contains(key) {
                forecasts[key] = JobForecast(verdict: .skip, reason: "not chosen")
                continue
            }
            let skipped = job.needs.first { forecasts[$0.id.lowercased()]?.verdict == .skip }
            if let skipped, !job.condition.callsStatusFunction || job.condition.source.hasPrefix("success()") {
                forecasts[key] = JobForecast(verdict: .skip, reason: "needs \(skipped.id), which is skipped")
                continue
            }
            forecasts[key] = one(job, selection, in: context, hostLabels: hostLabels)
        }
        return forecasts
    }

    private static func one(
        _ job: Job, _ selection: RunSelection, in context: ExpressionContext, hostLabels: Set<String>
    ) -> JobForecast {
        let isOpen = job.condition.contextNames.contains("needs")
        do {
            if !isOpen, try !job.condition.evaluate(in: context).isTruthy {
                return JobForecast(verdict: .skip, reason: "if: \(job.condition.source) is false")
            }
            let note = isOpen ? "if: \(job.condition.source) is decided when the run is there" : nil
            var forecast = JobForecast(verdict: .run, reason: note, legs: 1)
            if let matrix = job.strategy?.matrix {
                if matrix.contextNames.contains("needs") {
                    return JobForecast(verdict: .run, reason: "its matrix is decided when the run is there")
                }
                let legs = try MatrixExpansion.legs(of: try matrix.evaluate(in: context)).filter(selection.includes)
                if legs.isEmpty { return JobForecast(verdict: .skip, reason: "its matrix has no such leg") }
                forecast.legs = legs.count
            } else if case .steps(let steps) = job.body, steps.runsOn.contextNames.isEmpty,
                let foreign = foreignLabel(try steps.runsOn.evaluate(in: context), hostLabels)
            {
                return JobForecast(verdict: .skip, reason: "runs-on \(foreign) is not this host")
            }
            return forecast
        } catch let error as ExpressionError {
            return JobForecast(verdict: .fail, reason: error.message)
        } catch let error as TemplateError {
            return JobForecast(verdict: .fail, reason: error.message)
        } catch {
            return JobForecast(verdict: .fail, reason: "\(error)")
        }
    }

    private static func foreignLabel(_ value: ExpressionValue, _ own: Set<String>) -> String? {
        let labels: [String] =
            switch value {
            case .array(let array): array.elements.map(\.text)
            default: [value.text]
            }
        return labels.map { $0.lowercased() }.first { HostPlatform.isOfAnotherSystem($0) && !own.contains($0) }
    }
}
