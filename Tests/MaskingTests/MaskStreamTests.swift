import Foundation
import Testing

@testable import Masking

/// Secrets whose bytes come one after the other.
@Suite struct MaskStreamTests {
    private func stream(_ pieces: [ArraySlice<UInt8>], _ masker: Masker) -> String {
        var stream = MaskStream()
        var result: [UInt8] = []
        for piece in pieces { result += stream.push(piece, masker) }
        return String(decoding: result + stream.finish(masker), as: UTF8.self)
    }

    /// Overlapping, adjacent, encoded, several lines, codes within: cut in two at every byte, in three, byte by byte.
    @Test func splitAtEveryByte() {
        let secret = "correct-hörse\nbattery staple"
        var masker = Masker()
        masker.add([secret, "staple and more", "abcdef", "defghi", "secret", "secret-of-more"])
        let encoded = Data("ab\(secret)yz".utf8).base64EncodedString()
        let alone = Data(secret.utf8).base64EncodedString()
        let texts = [
            "a correct-hörse b", "<\(secret)>", "battery staple and more.", "abcdefghi abcdefabcdef defgh",
            "secret-of-more secret-of-mor", "k: \(encoded) end", "k: \(alone)", "k: \(alone)=x",
            "correct-h%C3%B6rse%0Abattery%20staple", "cor\u{1b}[31mrect-h\u{1b}[0mörse\u{1b}]8;;x\u{7} \u{1b}[1mabc",
            "correct-hörs", "\u{1b}]8;;https://abcdef\u{7}", "abc\u{1b}",
        ]
        var splits = 0
        for text in texts {
            let bytes = Array(text.utf8)
            let expected = masker.mask(text)
            for at in 0...bytes.count {
                splits += 1
                #expect(stream([bytes[..<at], bytes[at...]], masker) == expected, "\(text) at \(at)")
                let end = min(bytes.count, at + 3)
                #expect(stream([bytes[..<at], bytes[at..<end], bytes[end...]], masker) == expected, "\(text) at \(at)")
            }
            #expect(stream(bytes.indices.map { bytes[$0...$0] }, masker) == expected, "\(text)")
        }
        print("MASKING split at every byte: \(splits) places")
    }

    /// Secrets with nothing but codes between them may be one or two.
    private func joined(_ text: String) -> String {
        var text = text.replacing("\u{1}", with: "")
        while text.contains("******") { text = text.replacing("******", with: "***") }
        return text
    }

    @Test func randomTextsInRandomPieces() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<300 {
            func text(_ lengths: ClosedRange<Int>) -> String {
                String(
                    (0..<Int.random(in: lengths, using: &random)).map { _ in
                        "aab\u{1}".randomElement(using: &random) ?? "a"
                    })
            }
            var masker = Masker()
            masker.add((0..<Int.random(in: 1...5, using: &random)).map { _ in text(4...8) })
            let whole = text(0...200)
            var rest = Array(whole.utf8)[...]
            var pieces: [ArraySlice<UInt8>] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...9, using: &random)
                pieces.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(
                joined(stream(pieces, masker)) == joined(masker.mask(whole)), "seed \(seed), round \(round)")
        }
    }

    @Test func aSecretThatIsAddedMeanwhileCountsFromThenOn() {
        var masker = Masker()
        var stream = MaskStream()
        var result = stream.push("one hunter22, ".utf8, masker)
        masker.add(["hunter22"])
        result += stream.push("two hunter".utf8, masker)
        result += stream.push("22, three".utf8, masker) + stream.finish(masker)
        #expect(String(decoding: result, as: UTF8.self) == "one hunter22, two ***, three")
    }

    /// No more is held than the longest pattern, but for codes without end, of which a bounded number of bytes is.
    @Test func whatIsHeldIsBounded() {
        var masker = Masker()
        masker.add(["hunter22-hunter22", String(repeating: "z", count: 5_000)])
        var stream = MaskStream()
        for _ in 0..<4 {
            _ = stream.push([UInt8](repeating: UInt8(ascii: "z"), count: 65_536), masker)
            #expect(stream.count <= masker.longest + 1)
        }
        _ = stream.push(" hunter".utf8, masker)
        let code = Array(String(repeating: "\u{1b}[31m", count: 20_000).utf8)
        for _ in 0..<6 {
            _ = stream.push(code, masker)
            #expect(stream.count < 500_000)
        }
        let rest = stream.push("22-hunter22 ".utf8, masker) + stream.finish(masker)
        #expect(String(decoding: rest, as: UTF8.self) == " *** ")
    }
}
