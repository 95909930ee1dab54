internal import CLinux
internal import Glibc

/// The process that plue itself is.
package enum OwnProcess {
    /// It holds secrets: no core dump shows its memory, and no other process of the user reads it (`/proc/PID/environ`,
    /// `mem`, ptrace). What it starts is free to do either.
    package static func seal() {
        plue_seal_process()
    }

    /// It will be one that holds secrets of others: the program begins anew, once, as one whose threads keep no freed
    /// memory for themselves, which nothing would overwrite. To be called before anything else is done.
    package static func restartWithoutThreadCaches() {
        plue_restart_without_thread_caches(CommandLine.unsafeArgv)
    }

    /// It will hold secrets of others, for as long as it lives. Each allocation costs more from then on.
    package static func overwriteFreedMemory() {
        plue_overwrite_freed_memory()
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
