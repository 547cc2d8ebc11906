#ifndef LOCKSTEP_FUTEX_H
#define LOCKSTEP_FUTEX_H

#include <stdint.h>

// The most words one wait can watch: the kernel's FUTEX_WAITV_MAX.
#define LOCKSTEP_FUTEX_WAIT_MAX 128

// Sleeps until one of the words is woken, or differs from its expected value already, or the absolute
// CLOCK_MONOTONIC deadline passes (a negative one never does). The words may be in read-only maps, shared with
// other processes. 0: look again; -ETIMEDOUT: the deadline passed; -ENOSYS: a kernel before 5.16.
int lockstep_futex_wait_any(const uint32_t *const *words, const uint32_t *expected, uint32_t count,
                            int64_t deadline_ns);

// Wakes everybody who waits on the word, in any process.
void lockstep_futex_wake(uint32_t *word);

// 0 if the kernel can wait on several words, -ENOSYS if it cannot, -EPERM if a filter of system calls forbids it.
int lockstep_futex_probe(void);

#endif
