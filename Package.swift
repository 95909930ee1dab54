// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// The C libraries are linked in: as shared ones they cost every command 2 ms at its start.
let package = Package(
    name: "plue",
    products: [
        .executable(name: "plue", targets: ["plue"]),
        .library(name: "PlueActions", targets: ["PlueActions"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSQLite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CArgon2", providers: [.apt(["libargon2-dev"])]),
        .target(name: "CLinux"),
        // Its functions take the place of glibc's: for the program, never for who embeds plue.
        .target(name: "CWipingHeap"),
        .target(name: "CLibPQ", linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread")]),

        .target(
            name: "Hashing", dependencies: ["COpenSSL"], swiftSettings: settings,
            linkerSettings: [.linkedLibrary(":libcrypto.a")]),
        .target(
            name: "Cryptography", dependencies: ["CArgon2", "COpenSSL"], swiftSettings: settings,
            linkerSettings: [.linkedLibrary(":libcrypto.a"), .linkedLibrary(":libargon2.a")]),
        .target(
            name: "WorkflowSyntax", dependencies: ["CLibYAML"], swiftSettings: settings,
            linkerSettings: [.linkedLibrary(":libyaml.a")]),

        .target(name: "Masking", swiftSettings: settings),
        .target(name: "Storage", dependencies: ["Hashing"], swiftSettings: settings),
        .target(name: "QueryBuilder", dependencies: ["Storage"], swiftSettings: settings),
        .target(
            name: "SQLiteStorage", dependencies: ["CLinux", "Storage", "CSQLite3"], swiftSettings: settings,
            linkerSettings: [.linkedLibrary(":libsqlite3.a")]),
        .target(name: "PostgresStorage", dependencies: ["Storage", "CLibPQ"], swiftSettings: settings),
        .target(
            name: "Migrations", dependencies: ["Storage"], path: "Migrations", exclude: ["sqlite", "postgres"],
            swiftSettings: settings, plugins: ["EmbedMigrations"]),
        .executableTarget(name: "MigrationEmbedder", swiftSettings: settings),
        .plugin(
            name: "EmbedMigrations", capability: .buildTool(), dependencies: ["MigrationEmbedder"],
            path: "Sources/EmbedMigrations"),

        .target(name: "Model", dependencies: ["QueryBuilder", "Storage"], swiftSettings: settings),
        .target(
            name: "Services",
            dependencies: [
                "Cryptography", "Hashing", "Masking", "Model", "QueryBuilder", "Storage", "WorkflowSyntax",
            ],
            swiftSettings: settings),
        .target(
            name: "Execution",
            dependencies: [
                "CLinux", "Cryptography", "Hashing", "Masking", "Model", "Services", "Storage", "WorkflowSyntax",
            ],
            swiftSettings: settings),
        .target(
            name: "PlueActions",
            dependencies: [
                "Cryptography", "Migrations", "Model", "PostgresStorage", "SQLiteStorage", "Services", "Storage",
                "WorkflowSyntax",
            ], swiftSettings: settings),
        .executableTarget(
            name: "plue",
            dependencies: [
                "BenchmarkHarness", "CLinux", "CWipingHeap", "Cryptography", "Execution", "Migrations", "Model",
                "PostgresStorage", "SQLiteStorage", "Services", "Storage", "WorkflowSyntax",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),

        .target(
            name: "CBenchmarkFloor", dependencies: ["CLibPQ"], path: "Benchmarks/Floor",
            linkerSettings: [.linkedLibrary(":libsqlite3.a"), .linkedLibrary(":libyaml.a")]),
        .target(
            name: "BenchmarkHarness",
            dependencies: [
                "CBenchmarkFloor", "CSQLite3", "Execution", "Masking", "Migrations", "Model", "PostgresStorage",
                "QueryBuilder",
                "SQLiteStorage", "Services", "Storage", "WorkflowSyntax",
            ],
            path: "Benchmarks/Harness", swiftSettings: settings),

        .target(
            name: "TestSupport", dependencies: ["WorkflowSyntax"], path: "Tests/TestSupport", swiftSettings: settings),
        .target(
            name: "TestDatabases", dependencies: ["PostgresStorage", "Storage"], path: "Tests/TestDatabases",
            swiftSettings: settings),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "QueryBuilder"], swiftSettings: settings),
        .testTarget(
            name: "StorageConformanceTests",
            dependencies: [
                "Migrations", "PostgresStorage", "QueryBuilder", "SQLiteStorage", "Storage", "TestDatabases",
            ],
            swiftSettings: settings),
        .testTarget(name: "MaskingTests", dependencies: ["Masking"], swiftSettings: settings),
        .testTarget(
            name: "ExecutionTests",
            dependencies: [
                "CLinux", "Cryptography", "Execution", "Masking", "Migrations", "Model", "SQLiteStorage", "Services",
                "Storage", "TestSupport",
                "WorkflowSyntax",
            ], swiftSettings: settings),
        .testTarget(
            name: "ServicesTests",
            dependencies: [
                "BenchmarkHarness", "Cryptography", "Hashing", "Migrations", "Model", "PostgresStorage", "QueryBuilder",
                "SQLiteStorage", "Services", "Storage", "TestDatabases", "TestSupport", "WorkflowSyntax",
            ], exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "BenchmarkTests", dependencies: ["BenchmarkHarness", "Services", "TestDatabases"],
            swiftSettings: settings),
        .testTarget(
            name: "PlueActionsTests",
            dependencies: [
                "Cryptography", "Migrations", "Model", "PlueActions", "PostgresStorage", "Services", "SQLiteStorage",
                "Storage",
                "TestDatabases", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CryptographyTests", dependencies: ["Cryptography", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "FuzzTests", dependencies: ["Execution", "TestSupport", "WorkflowSyntax"], exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "plueTests",
            dependencies: [
                "plue", "Cryptography", "Migrations", "Model", "SQLiteStorage", "Services", "Storage", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "WorkflowSyntaxTests", dependencies: ["TestSupport", "WorkflowSyntax"], exclude: ["Fixtures"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
