#ifndef LOCKSTEP_ALLOCATIONS_H
#define LOCKSTEP_ALLOCATIONS_H

#include <stdint.h>

// How often this process has asked for memory: on all threads, the libraries and the Swift runtime included.
uint64_t lockstep_allocation_count(void);

#endif
