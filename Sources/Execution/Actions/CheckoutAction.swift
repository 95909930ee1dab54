internal import Model
internal import Services

/// `actions/checkout` of the repository itself: the working tree, changed files included.
struct CheckoutAction {
    let job: JobState

    func run(_ inputs: [(String, String)], output: StepOutput) throws(ExecutionError) -> StepRunner.Execution {
        func input(_ name: String) -> String { inputs.first { $0.0.lowercased() == name }?.1 ?? "" }
        let repository = input("repository")
        let own = job.message.repository.fullName
        guard repository.isEmpty || repository.lowercased() == own.lowercased() else {
            throw ExecutionError(
                "actions/checkout of \(repository): plue fetches no other repository yet; this one is \(own)")
        }
        let tree = job.host.tree
        let ref = input("ref")
        // The event's ref (of a pull request, a tag, the default branch) stands for the working tree.
        let refs = [tree.ref, job.message.run.headRef]
        let names = refs + refs.compactMap { $0.split(separator: "/", maxSplits: 2).last.map(String.init) }
        guard ref.isEmpty || names.contains(ref) || ref == tree.commit else {
            throw ExecutionError(
                "actions/checkout with ref \(ref): plue checks out the working tree, which is \(tree.ref)")
        }
        let target = Files.normalize(input("path"), in: job.paths.workspace)
        guard target == job.paths.workspace || target.hasPrefix(job.paths.workspace + "/") else {
            throw ExecutionError("actions/checkout: the path \(input("path")) leaves the workspace")
        }
        try Checkout(source: tree, user: job.host.user).run(into: target, originURL: "https://github.com/\(own)")
        output.note("the working tree of \(tree.root)")
        return StepRunner.Execution(
            outcome: .success, outputs: [("ref", tree.ref), ("commit", tree.commit ?? "")])
    }
}
