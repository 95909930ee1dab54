import Foundation
import TestSupport
import Testing

@testable import Execution

@Suite struct WorkspaceTests {
    private func tree(_ folder: TestFolder, _ files: [String]) -> TreeSource {
        TreeSource(
            root: "\(folder.path)/tree", gitDirectory: "\(folder.path)/tree/.git", files: files, ref: "refs/heads/main",
            commit: nil)
    }

    @Test func copies() throws {
        let folder = try TestFolder()
        let root = "\(folder.path)/tree"
        try folder.write("tree/a b/c's \"d\".txt", "text")
        try folder.write("tree/run.sh", "#!/bin/sh")
        chmod("\(root)/run.sh", 0o755)
        try folder.write("tree/large", String(repeating: "0123456789abcdef", count: 100_000))
        try folder.write("tree/module/x/y", "in a submodule")
        symlinkOrFail("../nowhere", "\(root)/link")
        symlinkOrFail("/etc", "\(root)/away")
        let names = ["a b/c's \"d\".txt", "run.sh", "large", "link", "away", "gone/away.txt", "module"]
        try WorkspaceTree.copy(tree(folder, names), to: "\(folder.path)/copy")
        #expect(folder.text("copy/a b/c's \"d\".txt") == "text")
        #expect(folder.text("copy/large") == folder.text("tree/large"))
        #expect(folder.text("copy/module/x/y") == "in a submodule")
        #expect(access("\(folder.path)/copy/run.sh", X_OK) == 0)
        var info = stat()
        #expect(stat("\(folder.path)/copy/large", &info) == 0 && info.st_mode & 0o111 == 0)
        let links = try ["link", "away"].map {
            try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.path)/copy/\($0)")
        }
        #expect(links == ["../nowhere", "/etc"])
        #expect(!Files.exists("\(folder.path)/copy/gone/away.txt"))
        // A copy of what changed meanwhile replaces the old one.
        try folder.write("tree/large", "small now")
        try WorkspaceTree.copy(tree(folder, names), to: "\(folder.path)/copy")
        #expect(folder.text("copy/large") == "small now")
    }

    @Test func namesThatAreNotText() throws {
        let folder = try TestFolder()
        try folder.write("tree/sub/a", "")
        let name: [UInt8] = [0xff, 0xfe, UInt8(ascii: "/"), 0x80]
        let root = Array("\(folder.path)/tree/".utf8)
        #expect(mkdir((root + name.prefix(2)).map { CChar(bitPattern: $0) } + [0], 0o755) == 0)
        let file = open((root + name).map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT, 0o644)
        try #require(file >= 0)
        close(file)
        var source = tree(folder, ["sub/a"])
        source.rawFiles = [name]
        try WorkspaceTree.copy(source, to: "\(folder.path)/copy")
        let copied = (Array("\(folder.path)/copy/".utf8) + name).map { CChar(bitPattern: $0) } + [0]
        #expect(access(copied, F_OK) == 0)
        // Within a folder that is copied as a whole too, and removed with it.
        try WorkspaceTree.copy(
            TreeSource(
                root: folder.path, gitDirectory: "", files: ["tree"], ref: "refs/heads/main", commit: nil),
            to: "\(folder.path)/second")
        let second = (Array("\(folder.path)/second/tree/".utf8) + name).map { CChar(bitPattern: $0) } + [0]
        #expect(access(second, F_OK) == 0)
        Files.remove("\(folder.path)/second")
        #expect(!Files.exists("\(folder.path)/second"))
    }

    @Test func removalTakesFoldersWithoutPermissionAndNoTargetOfALink() throws {
        let folder = try TestFolder()
        try folder.write("keep/file", "kept")
        try folder.write("top/closed/file", "")
        symlinkOrFail("../keep", "\(folder.path)/top/link")
        chmod("\(folder.path)/top/closed", 0)
        Files.remove("\(folder.path)/top")
        #expect(!Files.exists("\(folder.path)/top"))
        #expect(folder.text("keep/file") == "kept")
    }

    @Test func locks() async throws {
        let folder = try TestFolder()
        #expect(!LocalRunnerLock.isHeld("\(folder.path)/missing.lock"))
        try folder.write("free.lock", "")
        #expect(!LocalRunnerLock.isHeld("\(folder.path)/free.lock"))
        let lock = try LocalRunnerLock(directory: "\(folder.path)/locks", uuid: "one")
        #expect(LocalRunnerLock.isHeld(lock.path))
        #expect(throws: ExecutionError.self) { try LocalRunnerLock(directory: "\(folder.path)/locks", uuid: "one") }
        lock.release()
        #expect(!Files.exists(lock.path) && !LocalRunnerLock.isHeld(lock.path))
        // Of another process: held while it lives, free however it ends.
        let path = "\(folder.path)/free.lock"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        process.arguments = [path, "sleep", "600"]
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/flock") else { return }
        try process.run()
        for _ in 0..<3_000 where !LocalRunnerLock.isHeld(path) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(LocalRunnerLock.isHeld(path))
        for child in ProcessTree.descendants(of: process.processIdentifier) { kill(child, SIGKILL) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        for _ in 0..<3_000 where LocalRunnerLock.isHeld(path) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!LocalRunnerLock.isHeld(path))
    }
}
