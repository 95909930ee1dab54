internal import Storage

extension Timestamp {
    /// YYYYMM in UTC: where what grows for ever is divided.
    var month: Int64 {
        let digits = iso8601.prefix(7).filter { $0 != "-" }
        return Int64(digits) ?? 197001
    }
}
