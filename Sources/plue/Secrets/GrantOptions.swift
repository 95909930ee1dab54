import ArgumentParser

/// A secret or variable of an organization, and the repository that may use it.
struct GrantOptions: ParsableArguments {
    @OptionGroup var place: RepositoryOptions
    @Option(help: "The organization, by its id.") var organization: Int64
    @Argument(help: "The name.") var name: String
}
