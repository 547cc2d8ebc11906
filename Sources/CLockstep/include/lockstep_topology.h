#ifndef LOCKSTEP_TOPOLOGY_H
#define LOCKSTEP_TOPOLOGY_H

#include <stddef.h>

#include "lockstep_core.h"

// The number of NUMA nodes with memory; 1 where there is no NUMA, -ENOTSUP if built without the NUMA trait.
int lockstep_numa_nodes(void);

// The NUMA nodes, at most `max`, whose memory this process may use and on whose cores the calling thread may run: how many
// they are. 0 if it may not choose between them, or built without the NUMA trait.
int lockstep_numa_usable(int *nodes, int max);

// The cores of a NUMA node that the calling thread may run on: how many they are.
int lockstep_numa_cores(int node, struct lockstep_cores *cores);

// From now on memory for whole pages of this range is taken from the node, as long as it has some.
int lockstep_numa_prefer(void *base, size_t size, int node);

// The NUMA node in whose memory the page of an address lies; -ENOENT if there is no memory for it yet.
int lockstep_numa_node_of(const void *address);

#endif
