/// How long a claim of a registered runner lives without a word of it.
public enum Lease {
    /// From the claim, and from each renewal.
    public static let duration = Duration.seconds(60)
    /// How often a runner renews its leases and says that it lives: three may be lost.
    public static let heartbeat = Duration.seconds(15)
    /// A job whose claims were lost that often is given up: it may be what ends its runners.
    public static let retries: Int64 = 3
}
