import Testing
import WorkflowSyntax

@testable import Services

/// RFC 8785 by its own examples.
@Suite struct CanonicalJSONTests {
    private static func canonical(_ json: String) throws -> String {
        CanonicalJSON.text(try ExpressionValue(json: json))
    }

    /// Section 3.2.2.
    @Test func literalsNumbersAndStrings() throws {
        let json = #"""
            { "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try Self.canonical(json) == expected)
        #expect(try Self.canonical("{ \"b\" : { } , \"a\" : [ ] }") == #"{"a":[],"b":{}}"#)
        #expect(
            try Self.canonical(#""\u0000\b\t\f\r\u001f\u007f\u2028""#) == "\"\\u0000\\b\\t\\f\\r\\u001f\u{7f}\u{2028}\""
        )
    }

    /// Section 3.2.3: by UTF-16 code units, in which the emoji stands before U+FB33.
    @Test func membersAreSortedByCodeUnits() throws {
        let json = #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#
        let expected =
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
            + "\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\","
            + "\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        #expect(try Self.canonical(json) == expected)
    }

    /// Appendix B.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func numbers(_ bits: UInt64, _ text: String) {
        #expect(CanonicalJSON.number(Double(bitPattern: bits)) == text)
        #expect(Double(text) == Double(bitPattern: bits))
    }

    @Test func integersThatNoDoubleHoldsAreTexts() {
        var json = CanonicalJSON()
        json.append(Int64(1) << 53)
        json.append(Int64.min)
        json.append(nil)
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"9007199254740992"-9223372036854775808"null"#)
    }
}
