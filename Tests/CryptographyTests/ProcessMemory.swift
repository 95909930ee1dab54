import Foundation

@testable import Cryptography

/// Looks for a random text in the memory of this process.
struct ProcessMemory {
    /// What is looked for; its own place does not count.
    let needle: SecretBytes
    private let buffer: UnsafeMutableRawBufferPointer

    init() throws {
        needle = try RandomBytes.secret(64)
        // A mapping of its own, whose address tells it from others.
        let size = 1 << 20
        let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base, base != MAP_FAILED else { throw CocoaError(.fileReadUnknown) }
        buffer = UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    /// In how many other places it stands.
    func copies() throws -> Int {
        let file = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CocoaError(.fileReadNoPermission) }
        defer { close(file) }
        var found: Set<UInt> = []
        for region in try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n") {
            let fields = region.split(separator: " ")
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard fields[1].hasPrefix("rw"), bounds.count == 2 else { continue }
            found.formUnion(search(file, bounds[0], bounds[1]))
        }
        return found.count
    }

    private func search(_ file: Int32, _ start: UInt, _ end: UInt) -> [UInt] {
        var found: [UInt] = []
        var position = start
        let own = needle.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let reading = UInt(bitPattern: buffer.baseAddress)
        while position < end {
            let wanted = min(buffer.count, Int(end - position))
            let count = pread(file, buffer.baseAddress, wanted, off_t(position))
            // Another thread has unmapped it.
            guard count > 0 else { break }
            for offset in offsets(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
                let address = position + UInt(offset)
                if address != own, !(reading..<reading + UInt(buffer.count)).contains(address) {
                    found.append(address)
                }
            }
            if count < wanted { break }
            // The end of one piece and the beginning of the next overlap.
            position += wanted == buffer.count ? UInt(wanted - needle.count) : UInt(wanted)
        }
        return found
    }

    private func offsets(_ text: UnsafeRawBufferPointer) -> [Int] {
        needle.withUnsafeBytes { needle in
            var found: [Int] = []
            guard let base = text.baseAddress, let sought = needle.baseAddress else { return found }
            var start = 0
            let last = text.count - needle.count
            while start <= last, let hit = memchr(base + start, Int32(needle[0]), last - start + 1) {
                let offset = base.distance(to: UnsafeRawPointer(hit))
                if memcmp(hit, sought, needle.count) == 0 { found.append(offset) }
                start = offset + 1
            }
            return found
        }
    }
}
