import TestSupport
import Testing

@testable import WorkflowSyntax

@Suite struct MatrixTests {
    private func legs(_ json: String) throws -> [String] {
        try MatrixExpansion.legs(of: ExpressionValue(json: json)).map {
            ExpressionValue.object($0).json(pretty: false)
        }
    }

    @Test func productInOrder() throws {
        #expect(
            try legs(#"{"a":[1,2],"b":["x","y"]}"#) == [
                #"{"a":1,"b":"x"}"#, #"{"a":1,"b":"y"}"#, #"{"a":2,"b":"x"}"#, #"{"a":2,"b":"y"}"#,
            ])
    }

    /// The example of GitHub's documentation, "Example: Expanding configurations".
    @Test func includeExtendsOrAdds() throws {
        let json = """
            {"fruit":["apple","pear"],"animal":["cat","dog"],"include":[{"color":"green"},
            {"color":"pink","animal":"cat"},{"fruit":"apple","shape":"circle"},{"fruit":"banana"},
            {"fruit":"banana","animal":"cat"}]}
            """
        #expect(
            try legs(json) == [
                #"{"fruit":"apple","animal":"cat","color":"pink","shape":"circle"}"#,
                #"{"fruit":"apple","animal":"dog","color":"green","shape":"circle"}"#,
                #"{"fruit":"pear","animal":"cat","color":"pink"}"#,
                #"{"fruit":"pear","animal":"dog","color":"green"}"#, #"{"fruit":"banana"}"#,
                #"{"fruit":"banana","animal":"cat"}"#,
            ])
    }

    @Test func excludeMatchesPartly() throws {
        #expect(
            try legs(#"{"os":["l","m"],"v":[1,2],"exclude":[{"os":"L","v":"2"},{"os":"m"}]}"#) == [
                #"{"os":"l","v":1}"#
            ])
        #expect(try legs(#"{"o":[{"a":1,"b":2},{"a":2}],"exclude":[{"o":{"a":1}}]}"#) == [#"{"o":{"a":2}}"#])
        #expect(try legs(#"{"include":[{"a":1},{"b":2}]}"#) == [#"{"a":1}"#, #"{"b":2}"#])
    }

    @Test(arguments: [
        #"{}"#, #"{"a":[]}"#, #"{"a":1}"#, #"[]"#, #"{"include":[1]}"#, #"{"include":[]}"#,
    ])
    func refuses(_ json: String) {
        #expect(throws: ExpressionError.self) { try legs(json) }
    }

    @Test func sizeIsBounded() throws {
        let vector = "[" + (0..<100).map(String.init).joined(separator: ",") + "]"
        let names = (0..<50).map { "\"v\($0)\":\(vector)" }.joined(separator: ",")
        let excluded = "{\(names),\"exclude\":[{\"v0\":0}]}"
        let time = ContinuousClock().measure { #expect(throws: ExpressionError.self) { try legs(excluded) } }
        #expect(time < .seconds(2), "\(time)")
        #expect(try MatrixExpansion.legs(of: ExpressionValue(json: "{\"a\":\(vector)}")).count == 100)
    }
}
