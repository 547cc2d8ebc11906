// What the programs have in common that measure the locks of others.

#ifndef LOCKSTEP_BENCHMARKS_LOCK_H
#define LOCKSTEP_BENCHMARKS_LOCK_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

// In nanoseconds.
static inline int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static inline int ascending(const void *one, const void *other) {
    int64_t left = *(const int64_t *)one, right = *(const int64_t *)other;
    return (left > right) - (left < right);
}

static inline int64_t median(int64_t *samples, size_t count) {
    qsort(samples, count, sizeof *samples, ascending);
    return samples[count / 2];
}

#endif
