internal import CLinux
internal import Glibc

/// The process that plue itself is.
package enum OwnProcess {
    /// It holds secrets: no core dump shows its memory, and no other process of the user reads it (`/proc/PID/environ`,
    /// `mem`, ptrace). What it starts is free to do either.
    package static func seal() {
        plue_seal_process()
    }

    /// It starts children by this library alone: any other child was adopted, and is a job's.
    package static func ownAllChildren() {
        ProcessKeeper.shared.ownAllChildren()
    }

    /// The kernel counts the processes of each job, where this process may have it do so.
    package static func makeControlGroups() {
        ProcessKeeper.shared.makeGroups()
    }
}
