import Storage
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (1_795_341_600_123_000, "2026-11-22T10:00:00.123Z"),
            (1_795_341_600_123_456, "2026-11-22T10:00:00.123456Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func printsAndReads(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).iso8601 == text)
        #expect(Timestamp(iso8601: text)?.microseconds == microseconds)
    }

    @Test func readsOffsetsAndLongFractions() {
        #expect(Timestamp(iso8601: "2026-11-22T12:00:00+02:00") == Timestamp(iso8601: "2026-11-22T10:00:00Z"))
        #expect(Timestamp(iso8601: "1970-01-01T00:00:00.1234567Z")?.microseconds == 123_456)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00",
        "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00Zx", "2026-11-00T10:00:00Z",
    ])
    func refuses(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func keepsTheCalendarOverRandomMoments() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SplitMix(state: seed)
        for _ in 0..<2000 {
            let moment = Timestamp(
                microseconds: Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator))
            #expect(Timestamp(iso8601: moment.iso8601) == moment, "seed \(seed)")
        }
    }

    @Test func extremesDoNotTrap() {
        _ = Timestamp(microseconds: .min).iso8601
        _ = Timestamp(microseconds: .max).iso8601
        #expect(Timestamp(microseconds: .max).advanced(by: .seconds(1)).microseconds == .max)
        #expect(Timestamp(microseconds: 5).advanced(by: .seconds(-1)).microseconds == -999_995)
        #expect(Timestamp(microseconds: 7).duration(since: Timestamp(microseconds: 2)) == .microseconds(5))
    }
}

/// SplitMix64: reproducible from its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
