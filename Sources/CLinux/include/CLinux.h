#pragma once
// System calls and glibc functions that do not import into Swift: variadic ones and GNU extensions.
#include <spawn.h>
#include <sys/types.h>

/// A descriptor that is readable once the process has ended, or -1 with errno.
int plue_pidfd_open(pid_t pid);

/// A pipe whose ends no started program inherits; reading does not block. 0, or -1 with errno.
int plue_pipe(int ends[2]);

/// A counter that `poll` waits for; neither end blocks. -1 with errno.
int plue_eventfd(void);

/// The same, but reading waits.
int plue_blocking_eventfd(void);

/// Makes orphaned descendants children of this process. 0, or -1 with errno.
int plue_become_subreaper(void);

/// One process, as `/proc/PID/stat` tells it.
struct plue_process {
    pid_t pid, parent, session;
    int threads;
    /// Ticks since the start of the system: with the id it names one process for good.
    unsigned long long start;
    /// R, S, D, T, Z, …
    char state;
};

/// All processes of this system, or of its pid namespace. Writes at most `capacity` and returns how many there are, or -1.
int plue_list_processes(struct plue_process *processes, int capacity);

/// Processes of those sessions that have not ended. Writes at most `capacity` and returns how many there are, or -1. It asks
/// only what is answered at once: who reads `/proc/PID/stat` waits for a process that just begins a program.
int plue_list_sessions(const pid_t *leaders, int leader_count, pid_t *found, int capacity);

/// How many processes and threads the whole system has; -1 where it does not say so.
int plue_count_tasks(void);

/// A child that has ended and is not waited for yet, which it stays; 0 when there is none.
pid_t plue_ended_child(void);

/// Lets the calling thread go before others, where it may.
void plue_raise_priority(void);

/// No core dump of this process, and nothing of it for other processes of the same user, by `/proc` or ptrace. Programs
/// that it starts inherit a soft limit only, which they may raise again.
void plue_seal_process(void);

/// Starts a program as leader of a new session, in `directory`, with standard input from /dev/null and no other
/// descriptor of ours. Returns 0 and the process id, or an errno.
int plue_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
               const char *directory, int output, int error);

/// Another user than root, with its groups.
struct plue_user {
    uid_t uid;
    gid_t gid;
    int group_count;
    const gid_t *groups;
};

/// What the kernel holds a program to.
struct plue_bounds {
    /// As whom it runs, for which this process must be root; NULL: as this process.
    const struct plue_user *user;
    /// Processes and threads that its user may have, of all that it runs; 0: as many as before.
    unsigned long tasks;
    /// Where it enters its control group by writing 0, open, or -1.
    int group;
};

/// The same as `plue_spawn`, within bounds.
int plue_spawn_bounded(const struct plue_bounds *bounds, pid_t *pid, const char *path, char *const arguments[],
                       char *const environment[], const char *directory, int output, int error);

/// From now on the calling thread, and it alone, opens and makes files as that user. 0, or -1 with errno.
int plue_enter_user(const struct plue_user *user);

/// The thread is root again, whatever groups it had before.
void plue_leave_user(void);

/// Columns and rows of the terminal; unchanged when it is none.
void plue_terminal_size(int descriptor, int *columns, int *rows);

/// Copies a whole file, sharing its blocks where the file system can. 0, or -1 with errno.
int plue_copy_file(int source, int target, long long size);

/// 1 when the calling process holds the lock afterwards, 0 when another does, -1 with errno.
int plue_try_lock(int descriptor);

/// Gives a finished file its name, never in place of another: 0, or -1 with errno, EEXIST when the name is taken. Where
/// the file system has neither hard links nor such a rename, a file that comes in the same moment is replaced.
int plue_name_file(const char *partial, const char *path);
