import Foundation
import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct ZoneTests {
    private func footer(_ text: String) -> ZoneFooter? { ZoneFooter(Array(text.utf8)) }

    @Test func readsTransitionsAndTheFooter() throws {
        let bytes = TZifFixture.file(
            footer: "CET-1CEST,M3.5.0,M10.5.0/3", first: 3208,
            transitions: [(-2_422_054_408, 3600), (-1_693_706_400, 7200), (-1_680_483_600, 3600)])
        let zone = try ZoneRules(tzif: bytes)
        #expect(zone.offset(at: -2_422_054_409) == 3208)
        #expect(zone.offset(at: -2_422_054_408) == 3600)
        #expect(zone.offset(at: -1_693_706_400) == 7200)
        // 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z.
        #expect(zone.span(at: 1_774_746_000) == .init(start: 1_774_746_000, end: 1_792_890_000, offset: 7200))
        #expect(zone.offset(at: 1_774_745_999) == 3600)
        #expect(zone.iso8601(1_774_746_000) == "2026-03-29T03:00:00+02:00")
        #expect(ZoneRules.utc.iso8601(0) == "1970-01-01T00:00:00+00:00")
        let old = try ZoneRules(tzif: TZifFixture.file(version: 0, first: -18_000, transitions: [(100, -14_400)]))
        #expect(old.offset(at: 99) == -18_000 && old.offset(at: 1 << 40) == -14_400)
        #expect(old.iso8601(0) == "1969-12-31T19:00:00-05:00")
    }

    @Test func footers() throws {
        // South of the equator the year begins with daylight saving time; Lord Howe shifts by half an hour.
        let sydney = try #require(footer("AEST-10AEDT,M10.1.0,M4.1.0/3"))
        #expect(sydney.span(at: 1_767_225_600).offset == 39_600)
        let lord = try #require(footer("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"))
        #expect(lord.span(at: 1_767_225_600).offset == 39_600 && lord.span(at: 1_782_864_000).offset == 37_800)
        let always = try #require(footer("XXX3EDT4,0/0,J365/23"))
        for day in 0..<800 { #expect(always.span(at: Int64(day) * 86_400).offset == -14_400) }
        // Greenland changes on the Saturday before: hours below zero.
        let nuuk = try #require(footer("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"))
        #expect(nuuk.span(at: 1_774_745_999).offset == -7200 && nuuk.span(at: 1_774_746_000).offset == -3600)
        for text in [
            "", "CE", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
            "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,M3.5.0/168,M10.5.0",
            "<CET-1", "CET-1,x", "CET--1", "CET-1CEST,M3.5.0,M10.5.0/3,", "CET-1CEST,366,0", "CET-0001",
        ] {
            #expect(footer(text) == nil, "\(text)")
        }
    }

    @Test func names() {
        for name in ["Europe/Berlin", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "EST5EDT"] {
            #expect(ZoneRules.isName(name), "\(name)")
        }
        for name in [
            "", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "Europe/Berlin ", "Europe\\Berlin", "a\0b", ".", "a/.b",
            "Zürich", "${{ x }}", "-x", "right/UTC", "posix/Europe/Berlin", String(repeating: "a", count: 256),
        ] {
            #expect(!ZoneRules.isName(name), "\(name)")
        }
    }

    @Test func findsZonesByName() throws {
        let none = TZifFixture([:])
        for name in ["UTC", "Etc/UTC", "GMT"] { #expect(try ZoneRules.named(name, in: none) == .utc) }
        #expect(throws: ZoneError.noDatabase(name: "Europe/Berlin")) {
            try ZoneRules.named("Europe/Berlin", in: none)
        }
        let some = TZifFixture([
            "Europe/Berlin": TZifFixture.berlin, "Asia/Kathmandu": [], "zone.tab": Array("# x".utf8),
            "Asia/Bad": Array(TZifFixture.berlin.dropLast(3)),
        ])
        #expect(try ZoneRules.named("Europe/Berlin", in: some).offset(at: 0) == 3600)
        for (name, nearest) in [
            ("Europe/Berlim", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("Eurpoe/Berlin", "Europe/Berlin"),
            ("Berlin", "Europe/Berlin"), ("Mars/Olympus", nil), ("zone.tab", "zone.tab"),
        ] {
            #expect(throws: ZoneError.unknown(name: name, nearest: nearest), "\(name)") {
                try ZoneRules.named(name, in: some)
            }
        }
        #expect(throws: ZoneError.malformed(name: "../x")) { try ZoneRules.named("../x", in: some) }
        #expect(throws: ZoneError.damaged(name: "Asia/Bad", reason: "it ends too early")) {
            try ZoneRules.named("Asia/Bad", in: some)
        }
    }

    @Test func refusesWhatCannotBe() {
        let good = TZifFixture.file(footer: "EST5", first: -18_000, transitions: [(100, -14_400), (200, -18_000)])
        for count in 0..<good.count {
            #expect(throws: ZoneFileError.self, "\(count) bytes") { try ZoneRules(tzif: Array(good.prefix(count))) }
        }
        for (bytes, reason) in [
            (TZifFixture.file(first: 0, leapSeconds: 2), "it counts leap seconds"),
            (TZifFixture.file(first: 95_000), "an offset is more than 26 hours"),
            (TZifFixture.file(first: Int(Int32.min)), "an offset is more than 26 hours"),
            (TZifFixture.file(first: 0, transitions: [(5, 1), (5, 0)]), "transitions are not in order"),
            (TZifFixture.file(version: 1, first: 0), "its version is not known"),
            (TZifFixture.file(footer: "EST", first: 0), "its last line is no TZ string"),
            (Array("TZif".utf8) + [UInt8](repeating: 0, count: 80_000), "it has more than 65536 bytes"),
            (Array("TZif".utf8) + [UInt8](repeating: 0, count: 60), "it has no type"),
            (Array("TZif2".utf8) + [UInt8](repeating: 255, count: 60), "it ends too early"),
        ] {
            #expect(throws: ZoneFileError(reason: reason)) { try ZoneRules(tzif: bytes) }
        }
    }

    /// Files with flipped bytes are refused, or give rules that can be asked for any time.
    @Test func damagedFilesNeverEndTheProcess() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("ZoneTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let samples =
            [
                TZifFixture.berlin,
                TZifFixture.file(
                    footer: "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", first: 3208,
                    transitions: (1...20).map { ($0 * 10_000_000, $0 % 2 * 3600) }),
                TZifFixture.file(version: 0, first: 0, transitions: [(100, 3600)]),
            ] + ["Europe/Berlin", "Pacific/Apia"].compactMap { SystemZones().file(of: $0) }
        let crons = ["30 2 * * *", "*/5 * * * *", "0 0 29 2 *", "0 0 30 2 *"].compactMap(CronExpression.init)
        var accepted = 0
        for _ in 0..<3_000 {
            var bytes = samples.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] = random.once(in: 2) ? UInt8.random(in: 0...255, using: &random) : bytes[at] ^ 0x80
            }
            guard let zone = try? ZoneRules(tzif: bytes) else { continue }
            accepted += 1
            for _ in 0..<3 {
                let instant = Int64.random(
                    in: -(1 << Int64.random(in: 1...62, using: &random))...(1 << 36), using: &random)
                let span = zone.span(at: instant)
                #expect(span.start <= instant && instant < span.end, "seed \(seed)")
                _ = zone.iso8601(instant)
                let cron = crons[Int.random(in: 0..<crons.count, using: &random)]
                if let next = ScheduleOccurrences(cron, in: zone).next(after: instant) {
                    #expect(next > instant, "seed \(seed)")
                }
            }
            for instant in [Int64.min, .min + 1, .max - 1, .max] {
                _ = zone.offset(at: instant)
                #expect(ScheduleOccurrences(crons[0], in: zone).next(after: instant) == nil)
            }
        }
        #expect(accepted > 100)
    }

    /// Beside the C library, by `date`.
    @Test(.enabled(if: SystemZones.isPresent)) func agreesWithTheSystem() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("ZoneTests seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for name in SystemZones.samples {
            let zone = try ZoneRules.named(name, in: SystemZones())
            var instants = (0..<150).map { _ in Int64.random(in: -3_000_000_000...4_500_000_000, using: &random) }
            var at: Int64 = 1_500_000_000
            for _ in 0..<40 {
                at = zone.span(at: at).end
                if at > 1 << 40 { break }
                instants += [at - 1, at]
            }
            let shown = try SystemZones.dates(instants, in: name)
            for (instant, text) in zip(instants, shown) {
                // date prints offsets of local mean time with their seconds, and those that nobody knows as -00:00.
                let ours = zone.iso8601(instant) ?? ""
                #expect(
                    text.replacing("-00:00:00", with: "+00:00:00").hasPrefix(ours),
                    "\(name) at \(instant), seed \(seed): \(ours) is not \(text)")
            }
        }
    }
}
