#define _GNU_SOURCE
#include "CLinux.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

int plue_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int plue_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1 ? -1 : 0;
}

int plue_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int plue_blocking_eventfd(void) { return eventfd(0, EFD_CLOEXEC); }

int plue_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

// The beginning of a file of /proc, with a NUL behind it: how many bytes, or -1.
static ssize_t read_start(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = read(file, text, size - 1);
    close(file);
    if (count >= 0) text[count] = 0;
    return count;
}

/// The name of the next process's folder, its id; nil behind the last.
static const char *next_process(DIR *folder) {
    struct dirent *entry;
    while ((entry = readdir(folder)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') return entry->d_name;
    return NULL;
}

int plue_list_processes(struct plue_process *processes, int capacity) {
    DIR *folder = opendir("/proc");
    if (!folder) return -1;
    int count = 0;
    const char *name;
    while ((name = next_process(folder))) {
        char path[64], text[1024];
        snprintf(path, sizeof path, "/proc/%.20s/stat", name);
        if (read_start(path, text, sizeof text) <= 0) continue;
        // The name may hold anything, also brackets.
        const char *rest = strrchr(text, ')');
        struct plue_process process;
        process.pid = (pid_t)atoi(name);
        if (!rest ||
            sscanf(rest + 1, " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu",
                   &process.state, &process.parent, &process.session, &process.threads, &process.start) != 5)
            continue;
        if (count < capacity) processes[count] = process;
        count++;
    }
    closedir(folder);
    return count;
}

static int has_ended(pid_t pid) {
    int file = (int)syscall(SYS_pidfd_open, pid, 0);
    if (file < 0) return errno == ESRCH;
    struct pollfd ended = {.fd = file, .events = POLLIN};
    int count = poll(&ended, 1, 0);
    close(file);
    return count > 0;
}

int plue_list_sessions(const pid_t *leaders, int leader_count, pid_t *found, int capacity) {
    DIR *folder = opendir("/proc");
    if (!folder) return -1;
    int count = 0;
    const char *name;
    while ((name = next_process(folder))) {
        pid_t pid = (pid_t)atoi(name), session = getsid(pid);
        int at = 0;
        while (at < leader_count && leaders[at] != session) at++;
        if (at == leader_count || has_ended(pid)) continue;
        if (count < capacity) found[count] = pid;
        count++;
    }
    closedir(folder);
    return count;
}

int plue_count_tasks(void) {
    char text[128];
    int tasks;
    if (read_start("/proc/loadavg", text, sizeof text) <= 0) return -1;
    return sscanf(text, "%*s %*s %*s %*d/%d", &tasks) == 1 ? tasks : -1;
}

pid_t plue_ended_child(void) {
    siginfo_t info;
    info.si_pid = 0;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : 0;
}

void plue_raise_priority(void) {
    struct sched_param first = {.sched_priority = 1};
    // Beside thousands that compute the highest nice value is a hundredth of a processor.
    if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first) != 0)
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -20);
}

void plue_seal_process(void) {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // A pattern that names a program gets dumps of any size: the limit alone would not do.
    struct rlimit core;
    if (getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_cur = 0;
        setrlimit(RLIMIT_CORE, &core);
    }
}

int plue_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
               const char *directory, int output, int error) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) return result;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return result;
    }
    sigemptyset(&none);
    sigemptyset(&defaults);
    const int reset[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};
    for (unsigned i = 0; i < sizeof reset / sizeof *reset; i++) sigaddset(&defaults, reset[i]);
    if (result == 0) result = posix_spawnattr_setsigmask(&attributes, &none);
    if (result == 0) result = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (result == 0)
        result = posix_spawnattr_setflags(&attributes,
                                          POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (result == 0) result = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (result == 0) result = posix_spawn_file_actions_adddup2(&actions, error, 2);
#if __GLIBC_PREREQ(2, 34)
    // Whatever was left open for us by who started us is not for a step.
    if (result == 0) result = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
#endif
    if (result == 0) result = posix_spawn_file_actions_addchdir_np(&actions, directory);
    if (result == 0) result = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

// Everything that a child does before its program: no call that takes a lock, as it shares our memory until then. By
// system calls where glibc would change all threads.
static int become(const struct plue_bounds *bounds, const char *directory, int output, int error) {
    const int reset[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (unsigned i = 0; i < sizeof reset / sizeof *reset; i++) sigaction(reset[i], &action, NULL);
    if (setsid() < 0) return errno;
    if (bounds->group >= 0 && write(bounds->group, "0", 1) < 0) return errno;
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) return errno;
    if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0) return errno;
    if (bounds->tasks > 0) {
        struct rlimit limit;
        if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur > bounds->tasks) {
            limit.rlim_cur = limit.rlim_max = bounds->tasks;
            setrlimit(RLIMIT_NPROC, &limit);
        }
    }
    const struct plue_user *user = bounds->user;
    if (user) {
        if (syscall(SYS_setgroups, (size_t)user->group_count, user->groups) != 0) return errno;
        if (syscall(SYS_setresgid, user->gid, user->gid, user->gid) != 0) return errno;
        if (syscall(SYS_setresuid, user->uid, user->uid, user->uid) != 0) return errno;
    }
    // As the user: root may enter every folder.
    if (chdir(directory) != 0) return errno;
    return 0;
}

int plue_spawn_bounded(const struct plue_bounds *bounds, pid_t *pid, const char *path, char *const arguments[],
                       char *const environment[], const char *directory, int output, int error) {
    sigset_t all, before, none;
    sigfillset(&all);
    sigemptyset(&none);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    volatile int result = 0;
    pid_t child = vfork();
    if (child == 0) {
        result = become(bounds, directory, output, error);
        if (result == 0) {
            sigprocmask(SIG_SETMASK, &none, NULL);
            execve(path, arguments, environment);
            result = errno;
        }
        _exit(127);
    }
    if (child < 0) result = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child > 0 && result != 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        return result;
    }
    *pid = child;
    return result;
}

int plue_enter_user(const struct plue_user *user) {
    if (syscall(SYS_setgroups, (size_t)user->group_count, user->groups) != 0) return -1;
    setfsgid(user->gid);
    setfsuid(user->uid);
    // They tell the id before, never an error.
    if ((gid_t)setfsgid((gid_t)-1) == user->gid && (uid_t)setfsuid((uid_t)-1) == user->uid) return 0;
    plue_leave_user();
    errno = EPERM;
    return -1;
}

void plue_leave_user(void) {
    setfsuid(0);
    setfsgid(0);
    gid_t root = 0;
    syscall(SYS_setgroups, (size_t)1, &root);
}

void plue_terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return;
    *columns = size.ws_col;
    *rows = size.ws_row;
}

int plue_copy_file(int source, int target, long long size) {
    if (ioctl(target, FICLONE, source) == 0) return 0;
    while (size > 0) {
        ssize_t copied = copy_file_range(source, NULL, target, NULL, (size_t)size, 0);
        if (copied < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
            copied = sendfile(target, source, NULL, (size_t)size);
        if (copied < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        if (copied == 0) break;
        size -= copied;
    }
    return 0;
}

int plue_try_lock(int descriptor) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return 1;
    return errno == EWOULDBLOCK ? 0 : -1;
}

int plue_name_file(const char *partial, const char *path) {
    if (link(partial, path) == 0) {
        unlink(partial);
        return 0;
    }
    // exFAT and some network file systems have no hard links, or no rename that replaces nothing.
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return -1;
    if (renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS) return -1;
    struct stat there;
    if (lstat(path, &there) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(partial, path);
}
