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

#ifdef LOCKSTEP_VERBS
#if !__has_include(<infiniband/verbs.h>) || !__has_include(<rdma/rdma_cma.h>)
#error "The RDMA headers are missing. Install libibverbs-dev and librdmacm-dev, or build without the Verbs trait."
#endif
#include <dlfcn.h>
#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

// The library is opened at run time, so that one binary runs on hosts without it.
int lockstep_rdma_devices(void) {
    void *library = dlopen("libibverbs.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return -ENOENT;
    struct ibv_device **(*get_list)(int *) = dlsym(library, "ibv_get_device_list");
    void (*free_list)(struct ibv_device **) = dlsym(library, "ibv_free_device_list");
    int count = 0;
    struct ibv_device **list = get_list && free_list ? get_list(&count) : 0;
    if (list) free_list(list);
    dlclose(library);
    return count;
}
#else
int lockstep_rdma_devices(void) { return -ENOTSUP; }
#endif
