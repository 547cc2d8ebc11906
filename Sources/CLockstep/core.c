#include "lockstep_core.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "text_file.h"

_Static_assert(sizeof(struct lockstep_cores) == sizeof(cpu_set_t), "both are sets of LOCKSTEP_CORES_MAX cores");

int lockstep_cores_allowed(struct lockstep_cores *cores) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return -errno;
    memset(cores, 0, sizeof *cores);
    int count = 0;
    for (int core = 0; core < LOCKSTEP_CORES_MAX; core++) {
        if (!CPU_ISSET(core, &set)) continue;
        cores->bits[core / 64] |= (uint64_t)1 << core % 64;
        count++;
    }
    return count;
}

int lockstep_cores_next(const struct lockstep_cores *cores, int from) {
    for (int core = from < 0 ? 0 : from; core < LOCKSTEP_CORES_MAX; core++) {
        if (cores->bits[core / 64] >> core % 64 & 1) return core;
    }
    return -ENOENT;
}

int lockstep_cores_allow(const struct lockstep_cores *cores) {
    cpu_set_t set;
    CPU_ZERO(&set);
    int core = -1;
    while ((core = lockstep_cores_next(cores, core + 1)) >= 0) CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

int lockstep_core_pin(int core) {
    if (core < 0 || core >= LOCKSTEP_CORES_MAX) return -EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

int lockstep_core_current(void) {
    int core = sched_getcpu();
    return core >= 0 ? core : -errno;
}

int lockstep_core_claim(int core) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    // The leading zero makes it abstract.
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "lockstep-core-%d", core);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    // Bound is claimed. Nobody listens, so nobody can connect.
    if (bind(fd, (struct sockaddr *)&address, size) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

int64_t lockstep_involuntary_switches(void) {
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : -errno;
}

int64_t lockstep_core_lost_ns(void) {
    char text[64];
    const int count = lockstep_read_text("/proc/thread-self/schedstat", text, sizeof text);
    if (count < 0) return count;
    // The time that it ran, that it waited for a core, and how often it ran.
    int64_t lost;
    return sscanf(text, "%*u %" SCNd64, &lost) == 1 ? lost : -EIO;
}

int lockstep_slice(int64_t nanoseconds) {
    // As in linux/sched/types.h, which does not go together with sched.h. Newer kernels know of more fields.
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes;
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return -errno;
    if (attributes.policy != SCHED_OTHER) return -EINVAL;
    attributes.runtime = (uint64_t)nanoseconds;
    return syscall(SYS_sched_setattr, 0, &attributes, 0) == 0 ? 0 : -errno;
}
