internal import Hashing
internal import Model
internal import WorkflowSyntax

/// A just-in-time configuration: all that a process needs to be its runner, once. The text is base64 of a JSON object, as
/// GitHub's `encoded_jit_config`.
struct JITConfig {
    var runner: RunnerID
    /// The secret, of which only the digest is stored.
    var token: String

    init(runner: RunnerID) {
        self.runner = runner
        token = "plue_jit_" + RunnerService.secret()
    }

    var sha256: String { SHA256.hex(of: token) }

    var text: String {
        let object = ExpressionObject([
            ("runner_id", .number(Double(runner.rawValue))), ("token", .string(token)), ("v", .number(1)),
        ])
        return Base64.encode(Array(ExpressionValue.object(object).json(pretty: false).utf8))
    }

    /// Throws ``ServiceError`` `invalid_input` for a text that is none. What is wrong with it is not shown: it is secret.
    init(_ text: String) throws {
        guard text.utf8.count <= 4096, let bytes = Base64.decode(text),
            case .object(let object)? = try? ExpressionValue(json: String(decoding: bytes, as: UTF8.self)),
            case .number(let id)? = object["runner_id"], let runner = Int64(exactly: id),
            case .string(let token)? = object["token"]
        else {
            throw ServiceError(
                .invalidInput, "just-in-time configuration", "the text is none: `plue runner jit` makes one")
        }
        self.runner = RunnerID(runner)
        self.token = token
    }
}
