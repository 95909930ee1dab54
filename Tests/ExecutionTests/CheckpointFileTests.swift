import Cryptography
import Execution
import Foundation
import Services
import Testing

/// Checkpoints outside of the database: added once, by ascending size, whatever happens to the file.
@Suite struct CheckpointFileTests {
    private static let root = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="

    private static func note(_ size: Int, origin: String = "plue/audit/abc") throws -> SignedNote {
        try SignedNote("\(origin)\n\(size)\n\(root)\n\n— \(origin) AAAAAAAAAAAA\n")
    }

    private static func sizes(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter { Int($0) != nil }.map(
            String.init)
    }

    @Test func eachIsWrittenOnceAndInOrder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plue-cp-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = CheckpointFile(folder: "\(folder)/audit/checkpoints", origin: "plue/audit/abc")
        #expect(file.path.hasSuffix("/audit/checkpoints/abc"))
        for (size, isNew) in [(5, true), (5, false), (7, true), (6, false), (1_000_000, true)] {
            #expect(try file.append(try Self.note(size)) == isNew, "\(size)")
        }
        #expect(try Self.sizes(file.path) == ["5", "7", "1000000"])
        // What a crash cut off is no note, and spoils none.
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("plue/audit/abc\n1000001\nBwcH".utf8))
        try handle.close()
        #expect(try file.append(try Self.note(1_000_002)))
        let notes = try CheckpointNotes(file.path, keys: [])
        #expect(notes.next() == nil && notes.refused == 5 && notes.torn == 1 && notes.foreign == 4)
        #expect(notes.foreignOrigin == "plue/audit/abc")
        // A log that lost its keys still knows its name; one that has a key believes no other.
        let named = try CheckpointNotes(file.path, keys: [], origin: "plue/audit/abc")
        var sizes: [Int64] = []
        while let tree = named.next() { sizes.append(tree.size) }
        #expect(sizes == [5, 7, 1_000_000, 1_000_002] && named.refused == 1)
        let key = try NoteKey(name: "plue/audit/abc", key: Ed25519PrivateKey.generate().publicKey)
        let forged = try CheckpointNotes(file.path, keys: [key])
        #expect(forged.next() == nil && forged.unsigned == 4 && forged.torn == 1)
        #expect(throws: ExecutionError.self) { try CheckpointNotes("\(folder)/none", keys: []) }
        #expect(throws: ExecutionError.self) {
            try CheckpointFile(folder: "\(file.path)/x", origin: "a").append(try Self.note(1))
        }
    }

    @Test func writersAtOnceLeaveWholeNotes() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "plue-cp-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = CheckpointFile(folder: folder, origin: "plue/audit/abc")
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for size in 1...50 {
                        if let note = try? Self.note(size * 4 + writer) { _ = try? file.append(note) }
                    }
                }
            }
        }
        let sizes = try Self.sizes(file.path).compactMap { Int($0) }
        #expect(sizes == sizes.sorted() && Set(sizes).count == sizes.count && sizes.last == 203)
    }
}
