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

/// Starts a program as leader of a new session, in `directory`, with standard input from /dev/null and no other
/// descriptor of ours. Returns 0 and the process id, or an errno.
int plue_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
               const char *directory, int output, int error);

/// Columns and rows of the terminal; unchanged when it is none.
void plue_terminal_size(int descriptor, int *columns, int *rows);

/// Copies a whole file, sharing its blocks where the file system can. 0, or -1 with errno.
int plue_copy_file(int source, int target, long long size);

/// 1 when the calling process holds the lock afterwards, 0 when another does, -1 with errno.
int plue_try_lock(int descriptor);

/// Gives a finished file its name, never in place of another: 0, or -1 with errno, EEXIST when the name is taken. Where
/// the file system has neither hard links nor such a rename, a file that comes in the same moment is replaced.
int plue_name_file(const char *partial, const char *path);
