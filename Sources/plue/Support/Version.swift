enum Version {
    static let number = "0.1.0"
    static let text = "plue \(number)"
    /// As HTTP names a client.
    static let agent = "plue/\(number)"
}
