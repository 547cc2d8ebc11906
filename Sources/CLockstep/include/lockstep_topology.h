#ifndef LOCKSTEP_TOPOLOGY_H
#define LOCKSTEP_TOPOLOGY_H

// The number of NUMA nodes with memory; 1 where there is no NUMA, -ENOTSUP if built without the NUMA trait.
int lockstep_numa_nodes(void);

#endif
