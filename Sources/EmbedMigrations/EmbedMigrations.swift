import Foundation
import PackagePlugin

/// Writes the SQL files of the target's folders into one Swift file. It lists the target's own folder, because SwiftPM
/// plans anew only when a file is added there.
@main
struct EmbedMigrations: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let scripts = ["sqlite", "postgres"].flatMap { folder in
            let url = target.directoryURL.appending(path: folder)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))) ?? []
            return names.filter { $0.hasSuffix(".sql") }.sorted().map { url.appending(path: $0) }
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedMigrations.swift")
        return [
            .buildCommand(
                displayName: "Embed \(scripts.count) migrations",
                executable: try context.tool(named: "MigrationEmbedder").url,
                arguments: [output.path(percentEncoded: false)] + scripts.map { $0.path(percentEncoded: false) },
                inputFiles: scripts, outputFiles: [output])
        ]
    }
}
