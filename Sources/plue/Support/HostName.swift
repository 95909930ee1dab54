internal import Glibc

/// This machine, as runners are named and labelled after it.
enum HostName {
    static var current: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static var architecture: String {
        #if arch(arm64)
        "arm64"
        #else
        "x64"
        #endif
    }
}
