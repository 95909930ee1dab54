/// The results of a benchmark as files.
public struct BenchmarkReport: Sendable {
    /// What else reads of it begins with.
    public static let resultFile = "result.json"

    let about: BenchmarkAbout
    let figures: [BenchmarkLine]
    let loads: [LoadResult]

    package init(_ about: BenchmarkAbout, figures: [BenchmarkLine], loads: [LoadResult]) {
        self.about = about
        self.figures = figures
        self.loads = loads
    }

    /// Figures of what must not happen, with how often it did.
    var faults: [BenchmarkLine] { figures.filter { $0.unit == BenchmarkLine.faultUnit } }
    var broken: [BenchmarkLine] { faults.filter { $0.ours > 0 } }

    /// Names and texts of all files: `result.json`, `report.html`, and of load tests `series.csv` and a `.hgrm` for each
    /// database and time.
    package var files: [(name: String, text: String)] {
        var files = [(Self.resultFile, json), ("report.html", HTMLReport(self).text)]
        guard !loads.isEmpty else { return files }
        files.append(("series.csv", csv))
        for load in loads {
            for measure in LoadMeasure.allCases {
                guard let times = load.times[measure], times.count > 0 else { continue }
                files.append(("\(load.database)-\(measure.rawValue).hgrm", times.hgrm))
            }
        }
        return files
    }

    /// A line a second and database.
    var csv: String {
        var out = "database,second,runs_created,jobs_claimed,jobs_completed,runs_concluded,queue_depth,open_jobs\r\n"
        for load in loads {
            for (number, second) in load.seconds.enumerated() {
                let cells = [
                    load.database, "\(number + 1)", "\(second.created)", "\(second.claimed)", "\(second.completed)",
                    "\(second.concluded)", second.depth.map { "\($0)" } ?? "", second.open.map { "\($0)" } ?? "",
                ]
                out += cells.joined(separator: ",") + "\r\n"
            }
        }
        return out
    }
}
