internal import Glibc

/// The environment of this process, and what of it jobs get.
package enum HostEnvironment {
    /// plue's own settings, and what belongs to another runner around it: never a job's.
    private static let foreign = ["PLUE_", "GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_", "STATE_"]
    /// Where programs and files are, who and in which language: what no program does without. Nothing that can hold a
    /// password, as addresses of proxies can.
    private static let plain: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR",
    ]

    package static var entries: [String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(String(cString: entry))
            next += 1
        }
        return entries
    }

    /// All but what is foreign: for jobs of the user whose shell this is.
    package static var inherited: [String: String] { variables { _ in true } }

    /// What every program needs, and what `names` name; a name that ends in `*` is the beginning of several.
    package static func plain(and names: [String]) -> [String: String] {
        variables { name in
            plain.contains(name) || name.hasPrefix("LC_")
                || names.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
        }
    }

    private static func variables(_ fits: (String) -> Bool) -> [String: String] {
        var variables: [String: String] = [:]
        for entry in entries {
            guard let equals = entry.firstIndex(of: "="), equals != entry.startIndex else { continue }
            let name = String(entry[..<equals])
            guard !foreign.contains(where: { name.hasPrefix($0) }), fits(name) else { continue }
            variables[name] = String(entry[equals...].dropFirst())
        }
        return variables
    }
}
