import Foundation
import TestSupport
import Testing

@testable import Execution

@Suite(.enabled(if: Program.find("git") != nil)) struct CheckoutTests {
    private static let identity = ["-c", "user.name=A", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]

    @discardableResult
    private func git(_ directory: String, _ arguments: String...) async throws -> String {
        let program = try #require(Program.find("git"))
        let result = try await Program.run(program, ["-C", directory] + Self.identity + arguments)
        #expect(result.code == 0, "git \(arguments): \(result.error)")
        var text = result.output
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }

    private func repository() async throws -> (folder: TestFolder, root: String) {
        let folder = try TestFolder()
        let root = "\(folder.path)/repo"
        try folder.write("repo/a.txt", "1\n")
        try folder.write("repo/sub/run.sh", "#!/bin/sh\n")
        chmod("\(root)/sub/run.sh", 0o755)
        symlinkOrFail("a.txt", "\(root)/link")
        try await git(root, "init", "-q")
        try await git(root, "add", ".")
        try await git(root, "commit", "-qm", "first")
        try folder.write("repo/a.txt", "2\n")
        try await git(root, "commit", "-qam", "second")
        return (folder, root)
    }

    /// What `git` says in a checkout of the tree at `root`: `status`, subjects of the log, the branch.
    private func checkout(_ folder: TestFolder, _ root: String) async throws -> (
        status: String, log: String, head: String
    ) {
        let common = try await git(root, "rev-parse", "--git-common-dir")
        let files = try await git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        let branch = try await git(root, "rev-parse", "--symbolic-full-name", "HEAD")
        let commit = try await git(root, "rev-parse", "HEAD")
        let source = TreeSource(
            root: root, gitDirectory: Files.normalize(common, in: root),
            files: files.split(separator: "\0").map(String.init),
            ref: branch == "HEAD" ? commit : branch, commit: commit)
        let target = "\(folder.path)/checkout"
        Files.remove(target)
        try Checkout(source: source).run(into: target, originURL: "https://github.com/octo/cat")
        let result = (
            try await git(target, "status", "--porcelain"), try await git(target, "log", "--format=%s"),
            try await git(target, "rev-parse", "--symbolic-full-name", "HEAD")
        )
        #expect(try await git(target, "config", "--get", "remote.origin.url") == "https://github.com/octo/cat")
        try await git(target, "fsck", "--no-dangling")
        return result
    }

    @Test func normalRepository() async throws {
        let (folder, root) = try await repository()
        let result = try await checkout(folder, root)
        #expect(result == ("", "second\nfirst", "refs/heads/main"))
    }

    @Test func changesShow() async throws {
        let (folder, root) = try await repository()
        try folder.write("repo/a.txt", "3\n")
        try folder.write("repo/new.txt", "new\n")
        #expect(try await checkout(folder, root).status == " M a.txt\n?? new.txt")
    }

    @Test func whatAStepCommitsStaysInTheCheckout() async throws {
        let (folder, root) = try await repository()
        _ = try await checkout(folder, root)
        let target = "\(folder.path)/checkout"
        try await git(target, "commit", "--allow-empty", "-qm", "third")
        #expect(try await git(target, "log", "--format=%s") == "third\nsecond\nfirst")
        #expect(try await git(root, "log", "--format=%s", "--all") == "second\nfirst")
        #expect(try await git(root, "status", "--porcelain") == "")
    }

    @Test func detachedHead() async throws {
        let (folder, root) = try await repository()
        try await git(root, "checkout", "-q", "HEAD~1")
        #expect(try await checkout(folder, root) == ("", "first", "HEAD"))
    }

    @Test func linkedWorktree() async throws {
        let (folder, root) = try await repository()
        let linked = "\(folder.path)/linked"
        try await git(root, "worktree", "add", "-q", "-b", "feature/deep/name", linked, "HEAD~1")
        try folder.write("linked/only-here.txt", "x\n")
        try await git(linked, "add", ".")
        try await git(linked, "commit", "-qm", "other")
        #expect(try await checkout(folder, linked) == ("", "other\nfirst", "refs/heads/feature/deep/name"))
    }

    @Test func packedReferencesAndSlashes() async throws {
        let (folder, root) = try await repository()
        try await git(root, "checkout", "-q", "-b", "feature/a/b")
        try await git(root, "tag", "v1")
        try await git(root, "pack-refs", "--all")
        try await git(root, "gc", "-q")
        #expect(try await checkout(folder, root) == ("", "second\nfirst", "refs/heads/feature/a/b"))
        #expect(try await git("\(folder.path)/checkout", "describe", "--tags") == "v1")
    }

    @Test func settingsThatDecideWhatIsChanged() async throws {
        let (folder, root) = try await repository()
        try await git(root, "config", "core.autocrlf", "true")
        try await git(root, "config", "http.extraheader", "authorization: secret")
        try folder.write("repo/a.txt", "2\r\n")
        try await git(root, "add", "--renormalize", ".")
        #expect(try await checkout(folder, root).status == "")
        #expect(folder.text("checkout/.git/config")?.contains("secret") == false)
    }

    @Test func shallowAndSplitIndex() async throws {
        let (folder, root) = try await repository()
        let shallow = "\(folder.path)/shallow"
        try await git(folder.path, "clone", "-q", "--depth", "1", "file://\(root)", shallow)
        try await git(shallow, "update-index", "--split-index")
        #expect(try await checkout(folder, shallow) == ("", "second", "refs/heads/main"))
    }
}
