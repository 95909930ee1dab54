import Foundation
import Testing

@testable import Masking

@Suite struct MaskerTests {
    private func masker(_ secrets: String...) -> Masker {
        var masker = Masker()
        masker.add(secrets)
        return masker
    }

    @Test func overlappingAndAdjacentAreOne() {
        let masker = masker("abcdef", "defghi", "abcdefgh", "wxyz")
        #expect(masker.mask("-abcdefghi-") == "-***-")
        #expect(masker.mask("-abcdefwxyz-wxyz") == "-***-***")
        #expect(masker.mask("abcde fwxy") == "abcde fwxy")
    }

    @Test func aSecretThatBeginsAnotherLeaksNoTail() {
        for secrets in [["secret", "secret-of-more"], ["secret-of-more", "secret"]] {
            var masker = Masker()
            for secret in secrets { masker.add([secret]) }
            #expect(masker.mask("secret-of-more secret secret-of-") == "*** *** ***-of-")
        }
    }

    @Test func linesOfASecret() {
        let masker = masker("first line\r\n  second line\nab\n")
        #expect(masker.mask("x first line y") == "x *** y")
        #expect(masker.mask("second line") == "***")
        #expect(masker.mask("ab") == "ab", "a short line would mask ordinary text")
        #expect(masker.mask("<first line\n  second line\nab>") == "<***>")
    }

    /// What a shell's `$(…)` leaves of it.
    @Test func aSecretWithoutTheBreakAtItsEnd() {
        let masker = masker("ab\ncd\n")
        #expect(masker.mask("ab\ncd") == "***")
        #expect(masker.mask("a: ab\\ncd") == "a: ***")
    }

    @Test func secretsThatLookTheSameAreTwo() {
        // The letter é, and e with an accent: equal as text, not as bytes.
        let masker = masker("caf\u{e9}-secret", "cafe\u{301}-secret")
        #expect(masker.mask("caf\u{e9}-secret cafe\u{301}-secret") == "*** ***")
    }

    @Test func terminalCodesDoNotHideASecret() {
        let masker = masker("hunter22")
        #expect(masker.mask("a \u{1b}[31mhun\u{1b}[0mter22\u{1b}[1;2m b") == "a \u{1b}[31m***\u{1b}[1;2m b")
        let codes = [
            "\u{1b}]8;;https://x\u{7}", "\u{1b}]0;title\u{1b}\\", "\u{1b}(B", "\u{1b}=", "\u{1b}[?25l", "\u{1b}",
        ]
        for code in codes {
            for at in 1..<8 {
                var text = "hunter22"
                text.insert(contentsOf: code, at: text.index(text.startIndex, offsetBy: at))
                #expect(masker.mask("<\(text)>") == "<***>", "\(code.debugDescription) at \(at)")
            }
        }
        #expect(masker.mask("\u{1b}]8;;https://hunter22\u{7}link") == "\u{1b}]8;;https://***\u{7}link")
        #expect(masker.mask("\u{1b}]never ended hunter22") == "\u{1b}]never ended ***")
    }

    @Test func quotedForms() {
        let masker = masker("p@ss \"w\" <ö>&'x\\")
        for text in [
            "p%40ss%20%22w%22%20%3C%C3%B6%3E%26%27x%5C", "p%40ss+%22w%22+%3C%C3%B6%3E%26%27x%5C",
            "p%40ss%20%22w%22%20%3C%C3%B6%3E%26'x%5C", "p@ss &quot;w&quot; &lt;ö&gt;&amp;&apos;x\\",
            "p@ss &quot;w&quot; &lt;ö&gt;&amp;&#x27;x\\", "p@ss &quot;w&quot; &lt;ö&gt;&amp;&#39;x\\",
            "p@ss &#34;w&#34; &lt;ö&gt;&amp;&#39;x\\", "p@ss \\\"w\\\" <ö>&'x\\\\",
            "p@ss \\\"w\\\" \\u003cö\\u003e\\u0026'x\\\\", "p@ss \\\"w\\\" <\\u00f6>&'x\\\\", "p@ss \"w\" <ö>&''x\\",
            "p@ss \"w\" <ö>&'\\''x\\", "p@ss \"w\" <ö>&'\"'\"'x\\", "p@ss \"w\" <ö>&\\'x\\\\",
        ] {
            #expect(masker.mask("[\(text)]") == "[***]", "\(text)")
        }
        let hex = Array("p@ss \"w\" <ö>&'x\\".utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        #expect(masker.mask(hex.joined()) == "***")
        #expect(masker.mask(hex.joined().uppercased()) == "***")
    }

    @Test func encodersDifferInTheSlashAndTheCaseOfDigits() {
        let masker = masker("p@ss/w x&y")
        for text in ["p%40ss%2Fw%20x%26y", "p%40ss%2fw%20x%26y", "p%40ss/w%20x%26y", "p@ss/w\\ x\\&y", "p@ss\\/w x&y"] {
            #expect(masker.mask("[\(text)]") == "[***]", "\(text)")
        }
    }

    /// Whatever stands before and after a secret, no character with a bit of it is seen but the group that it shares with
    /// what stands before it, as on GitHub; and those without one are.
    /// As libraries write it by default: JavaScript, Go, PHP, Python, Gson, .NET, each also within another JSON.
    @Test func encodersOfJSON() {
        let masker = masker("a<b&c/d\"e+f'g-é", "a\\b\u{1}c\u{1f600}")
        for text in [
            #"a<b&c/d\"e+f'g-é"#, #"a\u003cb\u0026c/d\"e+f'g-é"#, #"a\u003Cb\u0026c/d\"e+f'g-é"#,
            #"a<b&c\/d\"e+f'g-\u00e9"#, #"a<b&c/d\"e+f'g-\u00e9"#, #"a<b&c/d\"e+f'g-\u00E9"#,
            #"a\u003cb\u0026c/d\"e+f\u0027g-é"#, #"a\u003Cb\u0026c/d\u0022e\u002Bf\u0027g-\u00E9"#,
            #"a<b&c/d\\\"e+f'g-é"#, #"a\\u003cb\\u0026c/d\\\"e+f'g-é"#, #"a<b&c/d\\\"e+f'g-\\u00e9"#,
            #"a\\b\u0001c😀"#, #"a\\b\u0001c\ud83d\ude00"#, #"a\\b\u0001c\uD83D\uDE00"#, #"a\\\\b\\u0001c😀"#,
        ] {
            #expect(masker.mask("[\(text)]") == "[***]", "\(text)")
        }
    }

    @Test func base64OfEveryPlaceAndLength() {
        var combinations = 0
        var leaks = 0
        for length in 4...19 {
            let secret = String("s3cr3t-Pa55phrase/+x".prefix(length))
            let masker = masker(secret)
            for prefix in 0...3 {
                for suffix in ["", "\n", "yz"] {
                    let plain = String("abc".prefix(prefix)) + secret + suffix
                    let standard = Data(plain.utf8).base64EncodedString()
                    let url = standard.replacing("+", with: "-").replacing("/", with: "_")
                    for text in [standard, url, standard.replacing("=", with: ""), url.replacing("=", with: "")] {
                        combinations += 1
                        let group = (prefix + 2) / 3 * 4
                        let isShort = (prefix + length) * 8 / 6 - group < 4
                        let before = text.prefix(isShort ? prefix * 8 / 6 : group)
                        let after = text.dropFirst(((prefix + length) * 8 + 5) / 6).replacing("=", with: "")
                        let masked = masker.mask("k: \(text) end")
                        if masked.replacing("=", with: "") != "k: \(before)***\(after) end" {
                            leaks += 1
                            Issue.record("\(masked) of \(text), \(prefix) before \(length)")
                        }
                    }
                }
            }
        }
        print("MASKING base64: \(leaks) of \(combinations) combinations leak")
    }

    /// As `base64` and `openssl base64` break a long secret into lines, each of which is a line of the log.
    @Test func base64InLines() {
        let secret = (0..<40).map { "line \($0) of a key" }.joined(separator: "\n")
        let masker = masker(secret)
        let text = Data(secret.utf8).base64EncodedString()
        for width in [64, 76] {
            var rest = text[...]
            while !rest.isEmpty {
                #expect(masker.mask("\(rest.prefix(width))") == "***")
                rest = rest.dropFirst(width)
            }
        }
        #expect(masker.mask("<\(text)>") == "<***>")
    }

    @Test func aLongSecretIsFoundInParts() {
        let secret = String((0..<48_000).map { _ in "abcdefghijklmnopqrstuvwxyz%".randomElement() ?? "a" })
        let masker = masker(secret)
        #expect(masker.longest < 2 * SecretForms.partLength)
        for form in [secret, Data(secret.utf8).base64EncodedString()] {
            #expect(masker.mask("<\(form)>") == "<***>")
        }
    }

    @Test func starsForEachByte() {
        let masker = masker("hunter22")
        #expect(masker.maskKeepingLengths(["a hunter22 b", "c hun", "ter22"]) == ["a ******** b", "c ***", "*****"])
    }

    /// Against a search that tries each pattern at each place.
    @Test func sameAsATrialOfAllPatterns() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        for round in 0..<400 {
            func text(_ lengths: ClosedRange<Int>) -> [UInt8] {
                (0..<Int.random(in: lengths, using: &random)).map { _ in
                    UInt8(ascii: "a") + UInt8.random(in: 0...2, using: &random)
                }
            }
            let patterns = Set(
                (0..<Int.random(in: 1...12, using: &random)).map { _ in MaskPattern(bytes: text(4...9)) })
            let automaton = PatternAutomaton(Array(patterns))
            let bytes = text(0...120)
            var expected: [Range<Int>] = []
            for pattern in patterns where pattern.bytes.count <= bytes.count {
                for at in 0...(bytes.count - pattern.bytes.count)
                where bytes[at..<at + pattern.bytes.count].elementsEqual(pattern.bytes) {
                    expected.append(at..<at + pattern.bytes.count)
                }
            }
            var hits: [Range<Int>] = []
            _ = bytes.withUnsafeBufferPointer { automaton.scan($0, into: &hits) }
            #expect(hits == MaskRanges.merged(expected), "seed \(seed), round \(round)")
        }
    }
}
