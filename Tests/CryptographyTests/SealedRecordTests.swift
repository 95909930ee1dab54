import TestSupport
import Testing

@testable import Cryptography

@Suite struct SealedRecordTests {
    private static let canary = "canary-3f9d1c"
    private static let address = SecretAddress(
        installID: "6f1c", scope: .repository, scopeID: 7, name: "TOKEN", version: 2)
    private let key: KeyEncryptionKey
    private let record: [UInt8]

    init() throws {
        key = try .generate(term: 5)
        record = try key.seal(SecretBytes(Array(Self.canary.utf8)), at: Self.address)
    }

    /// The code of a refusal that shows nothing of the value.
    private func refusal(
        _ record: [UInt8], at address: SecretAddress = Self.address, by key: KeyEncryptionKey? = nil
    ) -> CryptographyError.Code? {
        guard let error = failure({ _ = try (key ?? self.key).open(record, at: address) }) else { return nil }
        for text in ["\(error)", String(reflecting: error), error.message, error.subject] {
            for part in [Self.canary, "canary", "3f9d", "Y2FuYXJ5", "63616e617279"] { #expect(!text.contains(part)) }
        }
        #expect(error.message.count > 20)
        return error.code
    }

    @Test func isOfTheForm() throws {
        #expect(record.count == 3 + 1 + 4 + 12 + 48 + 12 + Self.canary.utf8.count + 16)
        #expect(Array(record.prefix(8)) == Array("PL1".utf8) + [1, 0, 0, 0, 5])
        #expect(try SealedRecord(decoding: record).encoded == record)
        #expect(try SealedRecord(decoding: record).term == 5)
        #expect(try key.open(record, at: Self.address).bytes == Array(Self.canary.utf8))
    }

    @Test func isMadeAnewEachTime() throws {
        let value = SecretBytes(Array(Self.canary.utf8))
        let records = try (0..<200).map { _ in try SealedRecord(decoding: key.seal(value, at: Self.address)) }
        #expect(Set(records.map(\.wrapNonce)).count == 200)
        #expect(Set(records.map(\.wrappedKey)).count == 200)
        #expect(Set(records.map(\.nonce)).count == 200)
        #expect(Set(records.map(\.sealed)).count == 200)
    }

    @Test func everyBitCounts() {
        for bit in 0..<record.count * 8 {
            var changed = record
            changed[bit / 8] ^= 1 << (bit % 8)
            let expected: CryptographyError.Code =
                switch bit / 8 {
                case 0..<4: .malformed
                case 4..<8: .keyMissing
                default: .authenticationFailed
                }
            #expect(refusal(changed) == expected, "bit \(bit)")
        }
    }

    @Test func everyLengthCounts() {
        for count in 0..<record.count {
            let expected: CryptographyError.Code =
                count < SealedRecord.minimumLength ? .malformed : .authenticationFailed
            #expect(refusal(Array(record.prefix(count))) == expected)
            #expect(refusal(Array(record.suffix(count))) != nil)
        }
        #expect(refusal(record + [0]) == .authenticationFailed)
        #expect(refusal([0] + record) == .malformed)
        #expect(refusal(record + record) == .authenticationFailed)
        let most = [UInt8](repeating: 0, count: SealedRecord.maximumLength - record.count)
        #expect(refusal(record + most) == .authenticationFailed)
        #expect(refusal(record + most + [0]) == .malformed)
    }

    @Test func opensInItsPlaceOnly() throws {
        let changes: [(inout SecretAddress) -> Void] = [
            { $0.installID = "6f1d" }, { $0.scope = .environment }, { $0.scope = .organization }, { $0.scopeID = 8 },
            { $0.name = "TOKEN2" }, { $0.name = "token" }, { $0.version = 3 },
            { ($0.scopeID, $0.version) = ($0.version, $0.scopeID) },
            { ($0.installID, $0.name) = ($0.name, $0.installID) },
        ]
        let places =
            [Self.address]
            + changes.map { change in
                var address = Self.address
                change(&address)
                return address
            }
        #expect(Set(places).count == places.count)
        let records = try places.map { try key.seal(SecretBytes(Array(Self.canary.utf8)), at: $0) }
        for (place, address) in places.enumerated() {
            for (row, record) in records.enumerated() {
                #expect(refusal(record, at: address) == (place == row ? nil : .authenticationFailed))
            }
        }
    }

    /// Parts that run into each other without their lengths.
    @Test func placesAreNotAmbiguous() {
        let one = SecretAddress(installID: "a", scope: .repository, scopeID: 1, name: "B", version: 1)
        let other = SecretAddress(installID: "arepository", scope: .repository, scopeID: 1, name: "B", version: 1)
        #expect(one.dataBinding != other.dataBinding)
        #expect(one.dataBinding != one.keyBinding(term: 1))
        #expect(one.keyBinding(term: 1) != one.keyBinding(term: 2))
        var expected: [UInt8] = []
        for field in [Array("plue/secret-data/v1".utf8), [0x61], Array("repository".utf8)] {
            expected += [0, 0, 0, UInt8(field.count)] + field
        }
        expected += [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x42, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(one.dataBinding == expected)
    }

    /// The parts of two records of one place do not make a third.
    @Test func partsAreNotExchanged() throws {
        let first = try SealedRecord(decoding: record)
        let second = try SealedRecord(decoding: key.seal(SecretBytes([1, 2, 3]), at: Self.address))
        for part in [\SealedRecord.wrapNonce, \.wrappedKey, \.nonce, \.sealed] {
            var mixed = first
            mixed[keyPath: part] = second[keyPath: part]
            #expect(refusal(mixed.encoded) == .authenticationFailed)
        }
    }

    @Test func opensWithItsKeyOnly() throws {
        #expect(refusal(record, by: try .generate(term: 5)) == .authenticationFailed)
        #expect(refusal(record, by: try .generate(term: 6)) == .keyMissing)
        #expect(refusal(record, by: try KeyEncryptionKey(term: 6, key: key.key)) == .keyMissing)
        let error = failure { _ = try KeyEncryptionKey(term: 1, key: RandomBytes.secret(31)) }
        #expect(error?.code == .malformed)
    }

    @Test func rewrappingKeepsTheValue() throws {
        let next = try KeyEncryptionKey.generate(term: 6)
        let moved = try next.rewrap(record, at: Self.address, from: key)
        let (before, after) = (try SealedRecord(decoding: record), try SealedRecord(decoding: moved))
        #expect(after.term == 6 && after.nonce == before.nonce && after.sealed == before.sealed)
        #expect(after.wrappedKey != before.wrappedKey && after.wrapNonce != before.wrapNonce)
        #expect(try next.open(moved, at: Self.address).bytes == Array(Self.canary.utf8))
        #expect(refusal(moved) == .keyMissing)
        // An attacker who writes the term back gains nothing.
        var relabelled = after
        relabelled.term = 5
        #expect(refusal(relabelled.encoded) == .authenticationFailed)
        var elsewhere = Self.address
        elsewhere.version = 3
        #expect(failure { _ = try next.rewrap(record, at: elsewhere, from: key) }?.code == .authenticationFailed)
        #expect(failure { _ = try next.rewrap(moved, at: Self.address, from: key) }?.code == .keyMissing)
    }

    @Test func takesValuesOfTheLimitOnly() throws {
        let most = try RandomBytes.secret(SealedRecord.maximumPlaintext)
        let record = try key.seal(most, at: Self.address)
        #expect(record.count == SealedRecord.maximumLength)
        #expect(try key.open(record, at: Self.address).isEqual(to: most))
        let more = try RandomBytes.secret(SealedRecord.maximumPlaintext + 1)
        #expect(failure { _ = try key.seal(more, at: Self.address) }?.code == .tooLarge)
    }
}
