#ifndef LOCKSTEP_CORE_H
#define LOCKSTEP_CORE_H

#include <stdint.h>

// Cores have numbers below this; a host with more is refused with -EINVAL.
#define LOCKSTEP_CORES_MAX 1024

// A set of cores.
struct lockstep_cores {
    uint64_t bits[LOCKSTEP_CORES_MAX / 64];
};

// The cores that the calling thread may run on: how many they are.
int lockstep_cores_allowed(struct lockstep_cores *cores);

// The lowest core of the set that is not below `from`; -ENOENT: there is none.
int lockstep_cores_next(const struct lockstep_cores *cores, int from);

// Lets the calling thread run on these cores only. Threads that it starts inherit the set.
int lockstep_cores_allow(const struct lockstep_cores *cores);

// Moves the calling thread to a core and pins it there, until other cores are allowed again.
int lockstep_core_pin(int core);

// The core that the calling thread runs on now.
int lockstep_core_current(void);

// Claims a core: a descriptor that holds the claim until it is closed, also by the end of the process, whatever
// ends it. -EADDRINUSE: somebody else holds it.
//
// The claim is an abstract address, and those belong to a network namespace: two containers may both claim one core.
// Each then sees that the kernel interrupts it for the other.
int lockstep_core_claim(int core);

// How often the kernel has taken the core from the calling thread for somebody else.
int64_t lockstep_involuntary_switches(void);

// For how long in all the calling thread was ready to run while others had its core. -errno: the kernel does not tell.
int64_t lockstep_core_lost_ns(void);

// How long the calling thread may run before others have their turn, if it does not sleep first: the shorter that is, the
// sooner it gets a busy core when it wakes. From 0.1 to 100 milliseconds. Kernels before 6.12 take it and do nothing;
// -EINVAL: the thread has another policy than the usual one.
int lockstep_slice(int64_t nanoseconds);

// Tells the core that this is a loop that waits: it saves power, and leaves more to its other hardware thread.
static inline void lockstep_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");  // `yield` does nothing on most of these cores
#else
    __asm__ volatile("" ::: "memory");
#endif
}

#endif
