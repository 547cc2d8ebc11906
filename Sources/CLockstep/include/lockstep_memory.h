#ifndef LOCKSTEP_MEMORY_H
#define LOCKSTEP_MEMORY_H

#include <stddef.h>
#include <stdint.h>

// Creates anonymous shared memory of a fixed size, maps it for writing, and then seals it, so that nobody else
// can map it for writing, shrink it or grow it. Nothing is left of it when the last holder is gone.
int lockstep_region_create(const char *name, size_t size, int *descriptor, void **base);

// Backs a part of the region with memory now, so that running out of it is an error here and not a signal later.
int lockstep_region_reserve(int descriptor, size_t offset, size_t size);

// Maps somebody's region for reading. -EPERM: it is not sealed; -EINVAL: it is not of that size.
int lockstep_mirror_map(int descriptor, size_t size, const void **base);

// Maps zeroed memory of this process alone, which takes room only where it is written.
int lockstep_memory_map(size_t size, void **base);

// Copies words to an aligned place, each whole: who reads one there gets all of it, or all of what was there before.
void lockstep_store_words(void *to, const void *from, size_t words);

void lockstep_unmap(const void *base, size_t size);

#endif
