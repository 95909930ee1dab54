import Testing

@testable import Masking

/// What is not shown between the characters of a secret hides nothing of it.
@Suite struct InvisibleTests {
    private static let secret = "CANARYsecret12345"

    private static func utf8(_ scalar: UInt32) -> String { Unicode.Scalar(scalar).map { "\($0)" } ?? "" }

    private static let characters: [String] =
        (Array(0..<0x0a) + Array(0x0b..<0x20) + Array(0x7f...0x9f) + [0xad] + Array(0x200b...0x200f)
        + Array(0x202a...0x202e) + Array(0x2060...0x206f) + [0xfeff, 0xfffe, 0xffff]
        + [0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0, 0xe0001, 0xe0041, 0xe0fff]
        + Array(0x180b...0x180f) + Array(0xfe00...0xfe0f) + Array(0xfff0...0xfffb) + Array(0x1bca0...0x1bca3)
        + Array(0x1d173...0x1d17a) + Array(0xe0100...0xe01ef)).map(utf8)

    private static let codes = [
        "\u{1b}[31m", "\u{1b}[0;1;38;5;200m", "\u{1b}[K", "\u{1b}[?25l", "\u{1b}[!p", "\u{1b}[3\u{0}1m", "\u{9b}0m",
        "\u{9b}K", "\u{1b}]8;;https://x\u{7}", "\u{1b}]0;title\u{1b}\\", "\u{9d}0;title\u{9c}", "\u{1b}]0;title\u{9c}",
        "\u{1b}]0;title\u{18}", "\u{1b}Pq#0\u{1b}\\", "\u{90}q#0\u{9c}",
        "\u{1b}Xx\u{1b}\\", "\u{98}x\u{9c}", "\u{1b}^x\u{1b}\\", "\u{9e}x\u{9c}", "\u{1b}_x\u{1b}\\", "\u{9f}x\u{7}",
        "\u{1b}(B", "\u{1b}#8", "\u{1b}%G", "\u{1b} F", "\u{1b}M", "\u{1b}c", "\u{1b}7", "\u{1b}=", "\u{1b}>",
        "\u{1b}N", "\u{1b}O", "\u{1b}\\",
    ]

    /// The rest of the secret stands where a terminal looks for the end of a code.
    private static let unfinished = [
        "\u{1b}", "\u{1b}[", "\u{9b}", "\u{1b}[31", "\u{1b}[?", "\u{1b}[3;", "\u{9b}3;", "\u{1b}]", "\u{9d}",
        "\u{1b}]0;", "\u{1b}P", "\u{90}", "\u{1b}X", "\u{1b}^", "\u{1b}_", "\u{1b}(", "\u{1b}#", "\u{1b}[\u{0}",
    ]

    private func masker(_ secrets: String...) -> Masker {
        var masker = Masker()
        masker.add(secrets)
        return masker
    }

    /// In pieces, with what is still held.
    private func stream(_ pieces: [ArraySlice<UInt8>], _ masker: Masker) -> String {
        var stream = MaskStream()
        var result: [UInt8] = []
        for piece in pieces { result += stream.push(piece, masker) }
        return String(decoding: result + stream.finish(masker), as: UTF8.self)
    }

    private func divided(_ at: Int, by gap: String) -> String {
        "\(Self.secret.prefix(at))\(gap)\(Self.secret.dropFirst(at))"
    }

    @Test func everyCharacterAndCodeAtEveryPlace() {
        let masker = masker(Self.secret)
        var places = 0
        for gap in Self.characters + Self.codes + Self.unfinished {
            for at in 1..<Self.secret.count {
                places += 1
                let text = "a \(divided(at, by: gap)) b"
                #expect(masker.mask(text) == "a *** b", "\(text.debugDescription)")
                #expect(masker.hasSecret(text), "\(text.debugDescription)")
            }
        }
        print("MASKING something invisible within a secret: \(places) places")
    }

    @Test func splitOverTwoWrites() {
        let masker = masker(Self.secret)
        for gap in Self.characters + Self.codes + Self.unfinished {
            for at in [1, 6, 11, Self.secret.count - 1] {
                let bytes = Array("a \(divided(at, by: gap)) b".utf8)
                for cut in 0...bytes.count {
                    let result = stream([bytes[..<cut], bytes[cut...]], masker)
                    #expect(result == "a *** b", "\(gap.debugDescription) at \(at), cut at \(cut)")
                }
                #expect(stream(bytes.indices.map { bytes[$0...$0] }, masker) == "a *** b", "\(gap.debugDescription)")
            }
        }
    }

    @Test func aLineFeedDividesAndWhatIsShownStays() {
        let masker = masker(Self.secret)
        for text in [divided(6, by: "\n"), divided(6, by: " "), "a\tb\r\u{1b}[1mc\u{1b}[0m \u{9b}0m é ✓ \u{feff}"] {
            #expect(masker.mask(text) == text)
        }
        #expect(masker.mask("\t\(Self.secret)\r") == "\t***\r")
    }

    @Test func secretsThatHoldSuchCharacters() {
        let secret = "pass\tword\u{1b}[31mred\u{9b}0m\u{200b}end\u{0}"
        let masker = masker(secret)
        for text in [
            secret, "password\u{1b}[31mred\u{9b}0mend", "pass\u{0}word\u{1b}[31mred\u{9b}0m\u{200b}end",
            "passwordredend",
        ] {
            #expect(masker.mask("<\(text)>").prefix(4) == "<***", "\(text.debugDescription)")
            #expect(!masker.mask("<\(text)>").contains("red"), "\(text.debugDescription)")
        }
        #expect(self.masker("a\u{1}\u{2}b").mask("<a\u{1}\u{2}b>") == "<***>", "too short without them")
    }

    @Test func linesThatEndAsOnWindows() {
        let masker = masker("first line\r\nsecond line\r\nthird")
        for text in [
            "first line\r\nsecond line\r\nthird", "first line\nsecond line\nthird",
            "first line\r\r\nsecond line\n\rthird",
        ] {
            #expect(masker.mask("<\(text)>") == "<***>", "\(text.debugDescription)")
        }
        #expect(masker.mask("x second\u{1b}[1m line y") == "x *** y")
    }

    @Test func theCharacterThatABase64SharesWithWhatFollows() {
        let masker = masker("hunter22")
        #expect(masker.mask("aHVudGVyMj\u{0}I\u{1b}[0m=") == "***")
    }

    /// Nothing that a terminal or a renderer makes of what was masked shows a secret, as a whole or in pieces.
    @Test func randomTextsHideWhatTheyShow() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        // What ends a code without end may be hidden with a secret.
        let gaps =
            Self.characters.filter { !Self.unfinished.contains($0) && !"\u{98}\u{9e}\u{9f}".contains($0) } + Self.codes
        for round in 0..<300 {
            func word(_ lengths: ClosedRange<Int>) -> String {
                String(
                    (0..<Int.random(in: lengths, using: &random)).map { _ in
                        "abcdefghXYZ0189-".randomElement(using: &random) ?? "a"
                    })
            }
            let secrets = (0..<Int.random(in: 1...4, using: &random)).map { _ in word(8...24) }
            var masker = Masker()
            masker.add(secrets)
            var whole = ""
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                for character in Bool.random(using: &random) ? secrets[0] : word(1...30) {
                    whole.append(character)
                    if Int.random(in: 0..<4, using: &random) == 0 {
                        whole += gaps.randomElement(using: &random) ?? ""
                    }
                }
                whole += Bool.random(using: &random) ? "\n" : " "
            }
            let bytes = Array(whole.utf8)
            var rest = bytes[...]
            var pieces: [ArraySlice<UInt8>] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...9, using: &random)
                pieces.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            let masked = [masker.mask(whole), stream(pieces, masker)]
            for text in masked {
                for reading in [TerminalReading.characters, .sequences, .codes, .beginning(0), .beginning(99)] {
                    let shown = String(decoding: TerminalCodes.visible(Array(text.utf8), as: reading), as: UTF8.self)
                    for secret in secrets {
                        #expect(!shown.contains(secret), "seed \(seed), round \(round), \(whole.debugDescription)")
                    }
                }
            }
        }
    }
}
