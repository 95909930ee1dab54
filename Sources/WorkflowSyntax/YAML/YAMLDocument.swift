/// A YAML (or JSON) file that is only a list of values, such as a file of secrets.
public enum YAMLDocument {
    /// The pairs of a mapping of scalars, in order; the diagnostic of what is wrong otherwise.
    public static func values(_ text: String, file: String) -> Result<[(String, String)], Diagnostic> {
        do throws(YAMLReader.Fault) {
            let root = try YAMLReader.read(text)
            guard let root else { return .success([]) }
            if case .null = root.kind { return .success([]) }
            guard case .mapping(let pairs) = root.kind else {
                return .failure(
                    Diagnostic(
                        code: "not-a-mapping", message: "expected NAME: VALUE pairs", file: file, at: root.position))
            }
            var values: [(String, String)] = []
            for pair in pairs {
                guard let name = pair.key.literalText, let value = pair.value.literalText else {
                    return .failure(
                        Diagnostic(
                            code: "not-a-scalar", message: "expected a single value", file: file,
                            at: pair.value.position))
                }
                values.append((name, value))
            }
            return .success(values)
        } catch {
            return .failure(Diagnostic(code: error.code, message: error.message, file: file, at: error.position))
        }
    }
}
