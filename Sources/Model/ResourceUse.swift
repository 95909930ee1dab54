/// What processes used.
public struct ResourceUse: Sendable, Hashable {
    /// In user and kernel mode, of all processes that were waited for.
    public var cpuMicroseconds: Int64
    /// The most that one of them held at once; nil where it could not be told from plue's own.
    public var peakMemoryBytes: Int64?

    public init(cpuMicroseconds: Int64, peakMemoryBytes: Int64?) {
        self.cpuMicroseconds = cpuMicroseconds
        self.peakMemoryBytes = peakMemoryBytes
    }

    /// Of programs that ran one after the other.
    public static func + (a: ResourceUse, b: ResourceUse) -> ResourceUse {
        let peaks = [a.peakMemoryBytes, b.peakMemoryBytes].compactMap(\.self)
        return ResourceUse(cpuMicroseconds: a.cpuMicroseconds + b.cpuMicroseconds, peakMemoryBytes: peaks.max())
    }
}
