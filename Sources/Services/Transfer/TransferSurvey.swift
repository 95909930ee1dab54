internal import Hashing
internal import Storage
internal import WorkflowSyntax

/// What an export holds, read once before anything is stored: its digests are checked, its months are known.
struct TransferSurvey {
    private struct OpenTable {
        var name: String
        var rows = 0
        var hash = SHA256()
        /// Which column tells the month, as a number or as a moment.
        var month: (index: Int, isTime: Bool)?
    }

    private(set) var digests: [String: TableDigest] = [:]
    private var first: Int64?
    private var last: Int64?
    private var table: OpenTable?
    private var isWhole = false
    private var number = 0

    /// The first month, and how many.
    var months: (first: Timestamp, count: Int)? {
        guard let first, let last else { return nil }
        let count = (last / 100 - first / 100) * 12 + last % 100 - first % 100 + 1
        let month = (first % 100 < 10 ? "0" : "") + String(first % 100)
        guard count > 0, count < 1200, let start = Timestamp(iso8601: "\(first / 100)-\(month)-01T00:00:00Z") else {
            return nil
        }
        return (start, Int(count))
    }

    /// Reads to the end. Throws ``ServiceError`` with the line's number.
    mutating func read(_ lines: any IteratorProtocol<[UInt8]>, migration: String) throws {
        var lines = lines
        while let line = lines.next() {
            number += 1
            guard line.count <= TransferFormat.lineLimit else {
                throw fail("it is over \(TransferFormat.lineLimit >> 20) MiB: no export has such a line")
            }
            guard !isWhole else { throw fail("there is text after the end of the export: remove it, or export again") }
            if number == 1 {
                try checkHeader(line, migration: migration)
            } else if line.first == UInt8(ascii: "[") {
                try row(line)
            } else {
                guard case .object(let object) = try TransferFormat.json(line, number) else {
                    throw fail("it is not a line of an export")
                }
                try mark(object)
            }
        }
        guard number > 0 else { throw ServiceError(.conflict, "the export", "it is empty") }
        guard isWhole else { throw fail("the file ends here, before the export does: export again, or copy it again") }
    }

    private func fail(_ message: String) -> ServiceError { TransferFormat.failure(number, message) }

    private mutating func row(_ line: [UInt8]) throws {
        guard table != nil else { throw fail("a row outside of a table") }
        (line + [10]).withUnsafeBytes { table?.hash.update($0) }
        table?.rows += 1
        if let month = table?.month, case .array(let row) = try TransferFormat.json(line, number),
            month.index < row.elements.count
        {
            note(row.elements[month.index].number, isTime: month.isTime)
        }
    }

    /// The beginning or the end of a table, or the end of the export.
    private mutating func mark(_ object: ExpressionObject) throws {
        if let name = object["table"]?.text {
            guard table == nil, digests[name] == nil else {
                throw fail("\(name) begins here a second time, or too early")
            }
            guard case .array(let columns)? = object["columns"] else { throw fail("a table without columns") }
            let names = columns.elements.map(\.text)
            var month = names.firstIndex(of: "month").map { (index: $0, isTime: false) }
            if month == nil, name == "actions_transitions" {
                month = names.firstIndex(of: "created_at").map { ($0, true) }
            }
            table = OpenTable(name: name, month: month)
        } else if var open = table {
            let digest = TableDigest(table: open.name, rows: open.rows, sha256: SHA256.hex(open.hash.finalize()))
            guard object["end"]?.text == open.name else { throw fail("\(open.name) does not end where it must") }
            guard object["rows"]?.number == Double(open.rows), object["sha256"]?.text == digest.sha256 else {
                throw fail("the rows of \(open.name) are not those that were exported: the file is damaged")
            }
            digests[open.name] = digest
            table = nil
        } else {
            guard object["end"]?.text == "export", object["tables"]?.number == Double(digests.count) else {
                throw fail("it is not a line of an export, or tables are missing before it")
            }
            isWhole = true
        }
    }

    private mutating func note(_ number: Double, isTime: Bool) {
        guard let exact = Int64(exactly: number) else { return }
        let month = isTime ? Timestamp(microseconds: exact).month : exact
        first = min(first ?? month, month)
        last = max(last ?? month, month)
    }

    private func checkHeader(_ line: [UInt8], migration: String) throws {
        guard case .object(let header)? = try? TransferFormat.json(line, number), header["plue"]?.text == "export"
        else { throw fail("this is no export of plue") }
        let format = header["format"]?.number ?? 0
        guard format == Double(TransferFormat.version) else {
            let advice = format > Double(TransferFormat.version) ? ": use a newer plue" : ""
            throw fail("the export has format \(header["format"]?.text ?? "?"), not \(TransferFormat.version)\(advice)")
        }
        let exported = header["migration"]?.text ?? "?"
        guard exported != migration else { return }
        let advice =
            Self.version(exported) > Self.version(migration) ? "use a newer plue" : "export with this version of plue"
        throw fail("the export is of a database at \(exported), this one is at \(migration): \(advice)")
    }

    /// 3 of `0003_secrets`
    private static func version(_ migration: String) -> Int { Int(migration.prefix { $0 != "_" }) ?? 0 }
}
