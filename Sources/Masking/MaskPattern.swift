/// Bytes that are hidden where they stand.
struct MaskPattern: Hashable {
    var bytes: [UInt8]
    /// The character before, or after, carries bits of the secret too: it is hidden where it is one of base64.
    var hidesBefore = false
    var hidesAfter = false
}
