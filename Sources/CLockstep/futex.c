#include "lockstep_futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

// Declared here because the headers of an older distribution lack them.
struct lockstep_waiter {
    uint64_t value;
    uint64_t address;
    uint32_t flags;
    uint32_t reserved;
};
#define LOCKSTEP_FUTEX_32 2

int lockstep_futex_wait_any(const uint32_t *const *words, const uint32_t *expected, uint32_t count,
                            int64_t deadline_ns) {
    struct lockstep_waiter waiters[LOCKSTEP_FUTEX_WAIT_MAX];
    if (count == 0 || count > LOCKSTEP_FUTEX_WAIT_MAX) return -EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        waiters[i] = (struct lockstep_waiter){expected[i], (uintptr_t)words[i], LOCKSTEP_FUTEX_32, 0};
    }
    struct timespec deadline = {deadline_ns / 1000000000, deadline_ns % 1000000000};
    long woken = syscall(SYS_futex_waitv, waiters, count, 0, deadline_ns < 0 ? NULL : &deadline,
                         CLOCK_MONOTONIC);
    if (woken >= 0 || errno == EAGAIN || errno == EINTR) return 0;
    return -errno;
}

void lockstep_futex_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0); }

int lockstep_futex_probe(void) {
    // No waiters at all is an invalid argument to a kernel that knows the call.
    syscall(SYS_futex_waitv, NULL, 0, 0, NULL, CLOCK_MONOTONIC);
    return errno == EINVAL ? 0 : -errno;
}
