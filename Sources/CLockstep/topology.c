#include "lockstep_topology.h"

#include <errno.h>

#ifdef LOCKSTEP_NUMA
#if !__has_include(<numa.h>)
#error "numa.h is missing. Install libnuma-dev, or build Lockstep without its NUMA trait."
#endif
#include <numa.h>

int lockstep_numa_nodes(void) { return numa_available() < 0 ? 1 : numa_num_configured_nodes(); }
#else
int lockstep_numa_nodes(void) { return -ENOTSUP; }
#endif
