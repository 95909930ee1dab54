/// A secret text in an environment variable.
public enum SecretVariable {
    /// The text; nil when it is not set or empty. The variable is gone afterwards, from `/proc/PID/environ` too: to be
    /// called at start, before other threads read the environment.
    public static func take(_ name: String) -> SecretBytes? { KeyVariable.text(name) }
}
