/// A checked `action.yml`.
public struct ActionManifest: Sendable {
    public struct Input: Sendable {
        public var name: String
        public var required: Bool
        /// Contexts: github, and others as GitHub allows.
        public var defaultValue: TemplateToken?
        public var deprecationMessage: String?
    }

    public struct Output: Sendable {
        public var name: String
        /// Composite actions only.
        public var value: TemplateToken?
    }

    public enum Runs: Sendable {
        /// Paths relative to the action's directory; conditions as they are written (default
        /// `always()`).
        case javaScript(main: String, pre: String?, preIf: Expression, post: String?, postIf: Expression)
        case composite(steps: [Step])
        case docker(image: String, position: SourcePosition)
    }

    /// What a container action has beside its image.
    public struct DockerRuns: Sendable {
        public var entrypoint: String?
        /// Contexts: inputs. A sequence.
        public var args: TemplateToken?
        /// Contexts: inputs. A mapping.
        public var env: TemplateToken?
        public var preEntrypoint: String?
        public var preIf: Expression
        public var postEntrypoint: String?
        public var postIf: Expression
    }

    public var file: String
    public var name: String?
    public var inputs: [Input]
    public var outputs: [Output]
    public var runs: Runs
    public var runsPosition: SourcePosition
    /// Container actions only.
    public var docker: DockerRuns?
}
