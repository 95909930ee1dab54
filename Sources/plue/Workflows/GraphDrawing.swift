internal import Services
internal import WorkflowSyntax

/// A workflow's jobs as a graph, in several forms.
struct GraphDrawing {
    private let source: WorkflowSource
    private let levels: [[String]]

    init(_ source: WorkflowSource) {
        self.source = source
        levels = JobGraph(source.workflow.jobs).levels
    }

    private var title: String { (source.workflow.name ?? source.path).oneLine }
    private var jobs: [Job] { source.workflow.jobs }

    /// A level a row, from the jobs that need no other.
    var ascii: String {
        var text = "\(title) (\(source.path.oneLine))\n"
        for (index, level) in levels.enumerated() {
            if index > 0 { text += "      │\n      ▼\n" }
            let boxes = level.map { id -> String in
                let needs = source.workflow.job(id)?.needs.map(\.id) ?? []
                return needs.isEmpty ? "[ \(id) ]" : "[ \(id) ← \(needs.joined(separator: ", ")) ]"
            }
            text += "  " + boxes.joined(separator: "  ") + "\n"
        }
        return text + "\n"
    }

    var dot: String {
        var text = "digraph \(Self.quoted(title)) {\n  rankdir=LR;\n  node [shape=box];\n"
        for job in jobs {
            text += "  \(Self.quoted(job.id)) [label=\(Self.quoted(job.shownName.oneLine))];\n"
            for need in job.needs { text += "  \(Self.quoted(need.id)) -> \(Self.quoted(job.id));\n" }
        }
        return text + "}\n"
    }

    var mermaid: String {
        var text = "graph LR\n"
        for job in jobs {
            text += "  \(job.id)[\"\(Self.escaped(job.shownName.oneLine))\"]\n"
            for need in job.needs { text += "  \(need.id) --> \(job.id)\n" }
        }
        return text
    }

    var svg: String {
        let width = 180
        let height = 36
        var places: [String: (x: Int, y: Int)] = [:]
        for (column, level) in levels.enumerated() {
            for (row, id) in level.enumerated() {
                places[id] = (20 + column * (width + 60), 50 + row * (height + 24))
            }
        }
        let total = (40 + levels.count * (width + 60) - 60, 50 + (levels.map(\.count).max() ?? 0) * (height + 24))
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(total.0)" height="\(total.1)" font-family="sans-serif" font-size="13">
            <defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
            <path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>
            <text x="20" y="28" font-weight="bold">\(Self.escaped(title))</text>

            """
        for job in jobs {
            guard let to = places[job.id] else { continue }
            for need in job.needs {
                guard let from = places[need.id] else { continue }
                let (x1, y1, x2, y2) = (from.x + width, from.y + height / 2, to.x, to.y + height / 2)
                text += "<path d=\"M\(x1) \(y1)C\(x1 + 30) \(y1) \(x2 - 30) \(y2) \(x2) \(y2)\" fill=\"none\" "
                text += "stroke=\"#57606a\" marker-end=\"url(#arrow)\"/>\n"
            }
            text += "<rect x=\"\(to.x)\" y=\"\(to.y)\" width=\"\(width)\" height=\"\(height)\" rx=\"6\" "
            text += "fill=\"#f6f8fa\" stroke=\"#d0d7de\"/>\n"
            text +=
                "<text x=\"\(to.x + 12)\" y=\"\(to.y + 23)\">\(Self.escaped(String(job.shownName.oneLine.prefix(24))))</text>\n"
        }
        return text + "</svg>\n"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}
