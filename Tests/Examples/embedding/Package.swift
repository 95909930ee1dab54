// swift-tools-version: 6.2
import PackageDescription

// A platform that embeds the data layer: `swift run embedding [DATABASE]`.
let package = Package(
    name: "embedding",
    dependencies: [.package(name: "plue", path: "../../..")],
    targets: [
        .executableTarget(
            name: "embedding", dependencies: [.product(name: "PlueActions", package: "plue")])
    ]
)
