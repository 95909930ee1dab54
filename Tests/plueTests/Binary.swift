import Foundation
import Testing

/// The program under test: `$PLUE`, else the one built beside this bundle.
enum Binary {
    static let path: String = {
        if let chosen = ProcessInfo.processInfo.environment["PLUE"], !chosen.isEmpty { return chosen }
        for start in [Bundle.main.bundlePath, CommandLine.arguments[0]] {
            var folder = URL(fileURLWithPath: start).deletingLastPathComponent()
            while folder.path != "/" {
                let candidate = folder.appendingPathComponent("plue").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                    return candidate
                }
                folder.deleteLastPathComponent()
            }
        }
        return "plue"
    }()
}
