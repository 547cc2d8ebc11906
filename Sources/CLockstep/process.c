#include "lockstep_process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "text_file.h"

extern char **environ;

static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t lockstep_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

int64_t lockstep_monotonic_coarse_ns(void) { return clock_ns(CLOCK_MONOTONIC_COARSE); }

int64_t lockstep_realtime_ns(void) { return clock_ns(CLOCK_REALTIME); }

int64_t lockstep_processor_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

int lockstep_die_with_parent(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -errno;
    // The parent may have died before the request was made.
    return getppid() == parent ? 0 : -ESRCH;
}

uint64_t lockstep_process_namespace(void) {
    struct stat namespace;
    return stat("/proc/self/ns/pid", &namespace) == 0 ? namespace.st_ino : 0;
}

int lockstep_thread_state(pid_t thread) {
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)thread);
    char text[256];
    const int count = lockstep_read_text(path, text, sizeof text);
    if (count < 0) return count;
    // "4711 (name) R ...", and a name may have brackets.
    const char *state = strrchr(text, ')');
    return state && state[1] == ' ' && state[2] ? state[2] : -EPROTO;
}

void lockstep_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int lockstep_spawn(const char *path, char *const arguments[], int output, pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    int error = posix_spawn(process, path, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

int lockstep_reap(pid_t process, int block) {
    int status;
    pid_t ended;
    do {
        ended = waitpid(process, &status, block ? 0 : WNOHANG);
    } while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return -EAGAIN;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
