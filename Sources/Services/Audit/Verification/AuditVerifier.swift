internal import Hashing
internal import Storage

/// Reads leaves and checkpoints in their order and finds what does not fit, in memory that does not grow with the log.
///
/// Each checkpoint that a key signed tells a root, so what is wrong before it stays between it and the one before: after it
/// the tree goes on from what was signed.
struct AuditVerifier {
    private struct Mismatch {
        var problem: Int
        var leaf: CheckedLeaf
        var found: [UInt8]
    }

    private(set) var report = AuditReport()
    private let keys: [NoteKey]
    /// Of the database, those that were not reached yet.
    private var checkpoints: [AuditCheckpoint] = []
    /// Of the file outside of it, in the order of their sizes.
    private var outside: (any IteratorProtocol<TreeCheckpoint>)?
    private var nextOutside: TreeCheckpoint?

    private var frontier: MerkleFrontier
    /// The index of the next leaf.
    private(set) var next: Int64
    /// A leaf is missing since the last checkpoint: the root says nothing.
    private var isBroken = false
    private var batchStart: Int64
    /// Of the batch: the last id, and where ids did not ascend.
    private var lastID: Int64 = 0
    private var descent: Int64?
    /// The highest id before the batch, and when it had been sealed.
    private var sealedID: Int64 = 0
    private var sealedAt: Timestamp?
    private var highestID: Int64 = 0
    private var mismatches: [Mismatch] = []

    init(keys: [NoteKey], from frontier: MerkleFrontier, outside: (any IteratorProtocol<TreeCheckpoint>)?) {
        self.keys = keys
        self.frontier = frontier
        self.outside = outside
        next = frontier.size
        batchStart = frontier.size
        readOutside()
        // Those of less leaves tell of what is not read. One of as many has a root to compare; were it kept, it would be
        // waited for and no checkpoint behind it compared.
        while let tree = nextOutside, tree.size <= next {
            if tree.size == next { compareOutside(tree, with: frontier.root, 0..<next) }
            readOutside()
        }
    }

    /// Checkpoints up to the leaves that are added next, in order.
    mutating func add(_ more: [AuditCheckpoint]) {
        checkpoints += more
    }

    mutating func add(_ leaf: CheckedLeaf) {
        if leaf.index > next { skip(to: leaf.index, .deleted) }
        check(leaf)
        if leaf.auditID <= lastID { descent = descent ?? leaf.index }
        lastID = leaf.auditID
        highestID = max(highestID, leaf.auditID)
        if !isBroken { frontier.append(leaf.hash) }
        next += 1
        while boundary == next { close(next) }
    }

    /// After the last leaf: the newest checkpoint is of `size` leaves. Reads the checkpoints outside to their end; whether
    /// the database still has as many leaves is not asked here, as it may have grown meanwhile.
    mutating func finish(size: Int64) -> AuditReport {
        if next < size { skip(to: size, .truncated) }
        report.size = size
        while nextOutside != nil { readOutside() }
        // Rows that each are what was sealed at another's place.
        let places = Dictionary(mismatches.map { ($0.leaf.hash, $0.leaf.index) }) { first, _ in first }
        for mismatch in mismatches {
            guard let place = places[mismatch.found], place != mismatch.leaf.index else { continue }
            report.problems[mismatch.problem].kind = .reordered
            report.problems[mismatch.problem].message =
                "the row is at leaf \(mismatch.leaf.index), but was sealed at leaf \(place)"
        }
        return report
    }

    // MARK: Leaves

    private mutating func check(_ leaf: CheckedLeaf) {
        let place = leaf.index..<leaf.index + 1
        guard case .found(let hash, let createdAt) = leaf.row else {
            report.add(.deleted, id: leaf.auditID, leaves: place, "the row is gone")
            return
        }
        report.rows += 1
        if hash != leaf.hash {
            report.add(.edited, id: leaf.auditID, leaves: place, "the row is not what was sealed")
            if let hash, report.problemCount <= AuditReport.limit {
                mismatches.append(Mismatch(problem: report.problems.count - 1, leaf: leaf, found: hash))
            }
        }
        switch leaf.body {
        case .sound: break
        case .edited: report.add(.edited, id: leaf.auditID, leaves: place, "the row's body is not what was sealed")
        case .gone: report.add(.deleted, id: leaf.auditID, leaves: place, "the row's body is gone")
        case .pruned: report.prunedBodies += 1
        }
        // A commit may be late, but not by that much.
        if leaf.auditID < sealedID, let sealedAt, let createdAt,
            createdAt < sealedAt.advanced(by: .zero - AuditService.lateness)
        {
            report.add(
                .inserted, id: leaf.auditID, leaves: place,
                "the row says \(createdAt.iso8601), but was sealed after rows of \(sealedAt.iso8601)")
        }
    }

    /// Over leaves that are not there.
    private mutating func skip(to index: Int64, _ kind: AuditProblem.Kind) {
        let count = index - next
        report.add(kind, leaves: next..<index, "\(count) \(count == 1 ? "leaf is" : "leaves are") gone")
        isBroken = true
        while let size = boundary, size <= index {
            next = size
            close(size)
            if size < index { isBroken = true }
        }
        next = index
    }

    // MARK: Checkpoints

    private var boundary: Int64? {
        guard let inside = checkpoints.first?.size else { return nextOutside?.size }
        return nextOutside.map { min(inside, $0.size) } ?? inside
    }

    /// The tree has that many leaves, and some checkpoint tells its root.
    private mutating func close(_ size: Int64) {
        var root = isBroken ? nil : frontier.root
        let batch = batchStart..<size
        if checkpoints.first?.size == size {
            let checkpoint = checkpoints.removeFirst()
            report.checkpoints += 1
            if let fault = checkpoint.fault(keys) {
                report.add(.checkpoint, leaves: batch, fault.description)
            } else {
                if let root, root != checkpoint.root {
                    if let descent {
                        report.add(
                            .reordered, leaves: batch,
                            "the root is not the one that was signed, and ids descend at leaf \(descent)")
                    } else {
                        report.add(
                            .rewritten, leaves: batch,
                            "the root is not the one that was signed: rows were exchanged together with their leaves")
                    }
                }
                frontier = checkpoint.frontier ?? frontier
                isBroken = false
                root = checkpoint.root
            }
            (sealedAt, sealedID) = (checkpoint.createdAt, highestID)
        }
        if let tree = nextOutside, tree.size == size {
            compareOutside(tree, with: root, batch)
            readOutside()
        }
        batchStart = size
        lastID = 0
        descent = nil
    }

    /// `root` is nil where leaves are missing: it says nothing then.
    private mutating func compareOutside(_ tree: TreeCheckpoint, with root: [UInt8]?, _ batch: Range<Int64>) {
        report.outsideCheckpoints += 1
        guard let root, root != tree.root else { return }
        report.add(
            .rewritten, leaves: batch,
            "the root is not that of the checkpoint file, which was written when they were sealed")
    }

    /// Those that do not ascend are passed over: a server whose clock or disk was slow may have told one twice.
    private mutating func readOutside() {
        let last = nextOutside?.size ?? 0
        repeat { nextOutside = outside?.next() } while nextOutside.map { $0.size <= last } ?? false
        report.outsideSize = max(report.outsideSize, nextOutside?.size ?? 0)
    }
}
