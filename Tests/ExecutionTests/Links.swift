import Glibc
import Testing

/// Makes a symbolic link; a failure is an issue of the test.
func symlinkOrFail(_ target: String, _ path: String) {
    if symlink(target, path) != 0 { Issue.record("cannot make the link \(path)") }
}
