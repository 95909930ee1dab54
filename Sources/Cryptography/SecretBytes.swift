internal import COpenSSL
internal import Glibc

/// Bytes that nobody but their users may see: fixed after they are made, in pages of their own that are kept out of
/// swap and core dumps where the system allows it, and overwritten (`OPENSSL_cleanse`) when the last reference goes.
///
/// A class, so that a list or a task that holds one shares the bytes and never copies them. No description, dump or
/// mirror shows more than how many there are.
///
/// Unchecked: the memory is written by the initialiser only.
public final class SecretBytes: @unchecked Sendable {
    public let count: Int
    private let memory: UnsafeMutableRawBufferPointer

    /// `count` bytes that `body` writes; what it leaves out is zero. If it throws, what it wrote is overwritten.
    public init<E: Error>(
        count: Int, initializingWith body: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        self.count = max(count, 0)
        let page = Int(getpagesize())
        memory = .allocate(byteCount: max(1, (self.count + page - 1) / page) * page, alignment: page)
        // Best effort: RLIMIT_MEMLOCK may be small.
        mlock(memory.baseAddress, memory.count)
        madvise(memory.baseAddress, memory.count, Int32(MADV_DONTDUMP))
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        try body(UnsafeMutableRawBufferPointer(rebasing: memory[..<self.count]))
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        madvise(memory.baseAddress, memory.count, Int32(MADV_DODUMP))
        munlock(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// A copy; the caller's bytes are the caller's to cleanse.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Takes the bytes over and overwrites the array's own, which reaches no other copy of it.
    public convenience init(consuming bytes: inout [UInt8]) {
        self.init(count: bytes.count) { target in bytes.withUnsafeBytes { target.copyMemory(from: $0) } }
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        bytes = []
    }

    /// The bytes, for the time of the call only.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    /// Compares in constant time; only the lengths may be told from how long it takes.
    public func isEqual(to other: SecretBytes) -> Bool {
        withUnsafeBytes { mine in other.withUnsafeBytes { ConstantTime.areEqual(mine, $0) } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "SecretBytes(\(count))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
