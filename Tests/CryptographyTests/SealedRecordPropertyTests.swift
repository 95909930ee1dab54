import Foundation
import TestSupport
import Testing

@testable import Cryptography

/// Random values at random places: each comes back, also re-wrapped, and a random change of its record never does.
@Suite struct SealedRecordPropertyTests {
    /// `PLUE_TEST_SEED` repeats one case.
    private static let seeds: [UInt64] = {
        if let text = ProcessInfo.processInfo.environment["PLUE_TEST_SEED"], let seed = UInt64(text) { return [seed] }
        return (0..<100).map { _ in UInt64.random(in: 0...UInt64(UInt32.max)) }
    }()

    @Test(arguments: seeds)
    func comesBack(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let repeating: Comment = "PLUE_TEST_SEED=\(seed)"
        let sizes = [0, 1, 15, 16, 17, 4096, 48 * 1024, Int.random(in: 0...48 * 1024, using: &generator)]
        let size = sizes.randomElement(using: &generator) ?? 0
        let value = SecretBytes((0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let address = Self.address(&generator)
        let key = try KeyEncryptionKey.generate(term: .random(in: 0...UInt32.max - 1, using: &generator))
        let next = try KeyEncryptionKey.generate(term: key.term + 1)

        let record = try key.seal(value, at: address)
        #expect(record.count == SealedRecord.minimumLength + size, repeating)
        #expect(try key.open(record, at: address).isEqual(to: value), repeating)
        let moved = try next.rewrap(record, at: address, from: key)
        #expect(try next.open(moved, at: address).isEqual(to: value), repeating)
        #expect(failure { _ = try key.open(moved, at: address) }?.code == .keyMissing, repeating)

        for _ in 0..<20 {
            var changed = record
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: changed.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: changed[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: changed.removeSubrange(index...)
                case 2: changed.insert(UInt8.random(in: 0...255, using: &generator), at: index)
                default: changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                if changed.isEmpty { break }
            }
            guard changed != record else { continue }
            #expect(failure { _ = try key.open(changed, at: address) } != nil, repeating)
        }
        let elsewhere = Self.address(&generator)
        if elsewhere != address {
            #expect(failure { _ = try key.open(record, at: elsewhere) }?.code == .authenticationFailed, repeating)
        }
    }

    private static func address(_ generator: inout SeededGenerator) -> SecretAddress {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
        let text = { (generator: inout SeededGenerator) in
            String(
                (0..<Int.random(in: 0...40, using: &generator)).compactMap { _ in
                    letters.randomElement(using: &generator)
                })
        }
        return SecretAddress(
            installID: text(&generator), scope: SecretScope.allCases.randomElement(using: &generator) ?? .repository,
            scopeID: .random(in: Int64.min...Int64.max, using: &generator), name: text(&generator),
            version: .random(in: 0...Int64.max, using: &generator))
    }
}
