import ArgumentParser

/// How a run is shown.
struct DisplayOptions: ParsableArguments {
    @Flag(help: "One JSON record a line on standard output.")
    var json = false

    @Option(help: "auto, tty, plain or quiet.")
    var progress: Progress = .auto

    @Flag(name: [.short, .long], help: "Stream the jobs' logs.")
    var verbose = false

    enum Progress: String, ExpressibleByArgument, CaseIterable {
        case auto, tty, plain, quiet
    }
}
