import Model
import TestSupport
import Testing
import WorkflowSyntax

@testable import Execution

/// Workflow commands and command files, beside the corpus.
@Suite struct CommandTests {
    @Test func escapesAreUndoneOnce() {
        #expect(WorkflowCommand("::debug::%250A %0A%3A%2C%25")?.data == "%0A \n%3A%2C%")
        let command = WorkflowCommand("::x a=%253A,b=%3A%2c ::")
        #expect(command?["a"] == "%3A" && command?["B"] == ":%2c")
        #expect(WorkflowCommand("##[x a=%5D%3B;]%25%5D")?["a"] == "];")
        #expect(WorkflowCommand("##[x a=%5D%3B;]%25%5D")?.data == "%]")
    }

    @Test func whereCommandsStand() {
        #expect(WorkflowCommand("\t ::x::y")?.name == "x")
        #expect(WorkflowCommand("text ##[X]y")?.name == "x")
        #expect(WorkflowCommand("text ::x::y") == nil)
        #expect(WorkflowCommand(":: x::y") == nil)
        #expect(WorkflowCommand("::::") == nil)
        #expect(WorkflowCommand("##[]x") == nil)
        // A mark that joins the character before is no reason to overlook it.
        #expect(WorkflowCommand("::x a=b,\u{301}c=d::\u{301}e")?["a"] == "b")
        #expect(WorkflowCommand("::x a=1,a=2::")?["a"] == "2")
    }

    @Test func positionsAreRepaired() {
        func read(_ text: String) -> [Int64?] {
            guard let command = WorkflowCommand(text) else { return [] }
            let annotation = AnnotationReader.read(command, .error)
            return [annotation.line, annotation.endLine, annotation.column, annotation.endColumn]
        }
        #expect(read("::error endLine=3::") == [3, 3, nil, nil])
        #expect(read("::error line=3,endColumn=4::") == [3, nil, 4, 4])
        #expect(read("::error line=3,col=5,endColumn=4::") == [3, nil, nil, nil])
        #expect(read("::error line=x,col=5::") == [nil, nil, nil, nil])
    }

    @Test func stopTokensAreComparedWithoutCaseAndHoldCommandsBack() {
        var session = CommandSession { _ in nil }
        #expect(session.process("::stop-commands::Pause") == .handled)
        #expect(session.process("::pause-no::") == .text)
        #expect(session.process("::add-mask::x") == .text)
        #expect(session.process("::pAUSE::") == .handled)
        #expect(session.process("::add-mask::x") == .addMask("x"))
        guard case .refused = session.process("::stop-commands::add-MASK") else {
            Issue.record("the name of a command was taken as a token")
            return
        }
    }

    @Test func randomBytesNeverCrash() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("SEED command bytes \(seed)")
        var generator = Generator(state: seed)
        let likely = Array("=<\n\r:#[]%,; EOFname".utf8)
        for _ in 0..<3_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? likely.randomElement(using: &generator) ?? 0 : UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? CommandFile.parse(bytes)
            _ = CommandFile.paths(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            _ = WorkflowCommand(text)
            _ = try? ProblemMatcherConfig.read(text)
            let records = LineSplitter.records(text, limit: 7)
            #expect(records.allSatisfy { $0.utf8.count <= 7 && !$0.utf8.contains(10) })
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    @Test func commandFiles() throws {
        func parse(_ text: String) throws -> [String] {
            try CommandFile.parse(Array(text.utf8)).map { "\($0.name)|\($0.value)" }
        }
        #expect(try parse("a=1\nb<<E\n\nx\n\nE\nc=<<E\n") == ["a|1", "b|\nx\n", "c|<<E"])
        #expect(try parse("a<<=\n1\n=\n") == ["a|1"])
        for text in ["a<<\n", "a<<E", "a<<E\n", "a<<E\nx\n", "a<<E\nx", "=1", "<<E\nE", "a"] {
            #expect(throws: ExecutionError.self) { try parse(text) }
        }
        #expect(CommandFile.paths(Array("\u{feff}/a b\r\n\n/c".utf8)) == ["/a b", "/c"])
    }

    @Test func shells() throws {
        let path = "/usr/bin:/bin"
        #expect(try Shell(nil, searchPath: path).arguments(for: "/f") == ["-e", "/f"])
        #expect(
            try Shell("bash", searchPath: path).arguments(for: "/f") == [
                "--noprofile", "--norc", "-eo", "pipefail", "/f",
            ])
        #expect(try Shell("sh", searchPath: path).arguments(for: "/f") == ["-e", "/f"])
        let own = try Shell("sh -c 'cat \"{0}\" | sort' x", searchPath: path)
        #expect(own.arguments(for: "/f") == ["-c", "cat \"/f\" | sort", "x"])
        #expect(own.fileExtension == "" && own.program.hasSuffix("/sh"))
        for name in ["cmd", "powershell", "sh -c", "no-such-program {0}", "/no/such {0}", " {0}"] {
            #expect(throws: ExecutionError.self) { try Shell(name, searchPath: path) }
        }
    }

    @Test func hashFilesOfLinksAndHostileNames() throws {
        let folder = try TestFolder()
        try folder.write("[w]/a.txt", "a")
        try folder.write("[w]/é.txt", "a")
        try folder.write("[w]/sub/b.txt", "b")
        let root = "\(folder.path)/[w]"
        func hash(_ patterns: String...) throws -> String {
            try FileHash.evaluate(patterns.map { .string($0) }, workspace: root)
        }
        // The folder's own name is no pattern; a question mark is a character.
        let one = try hash("a.txt")
        #expect(one != "")
        #expect(try hash("é.txt") == one)
        #expect(try hash("?.txt", "!a.txt") == one)
        symlinkOrFail("a.txt", "\(root)/link.txt")
        symlinkOrFail("..", "\(root)/sub/up")
        symlinkOrFail("nowhere", "\(root)/broken.txt")
        #expect(try hash("link.txt") == one)
        #expect(try hash("broken.txt") == "")
        // A link to a folder around it leads nowhere new; another is followed when it is asked for.
        #expect(try hash("--follow-symbolic-links", "sub/**/a.txt") == "")
        try folder.write("[w]/third/c.txt", "a")
        symlinkOrFail("../third", "\(root)/sub/third")
        #expect(try hash("--follow-symbolic-links", "sub/**/c.txt") == one)
        #expect(try hash("sub/**/c.txt") == "")
        #expect(try hash("sub/**") == hash("sub/b.txt"))
        #expect(try hash("../outside", "# a comment\n\n") == "")
        #expect(throws: ExpressionError.self) { try hash("--other", "a") }
    }
}
