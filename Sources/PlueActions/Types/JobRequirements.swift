/// What a job asks of its runner beside its own labels.
public struct JobRequirements: Sendable, Hashable {
    public var labels: [String]
    /// `x64`, `arm64`, …
    public var architecture: String?
    public var docker: Bool

    public init(labels: [String] = [], architecture: String? = nil, docker: Bool = false) {
        self.labels = labels
        self.architecture = architecture
        self.docker = docker
    }

    var allLabels: [String] {
        labels + [architecture].compactMap { $0 } + (docker ? ["docker"] : [])
    }
}
