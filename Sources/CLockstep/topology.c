#include "lockstep_topology.h"

#include <errno.h>

#ifdef LOCKSTEP_NUMA
#if !__has_include(<numa.h>)
#error "numa.h is missing. Install libnuma-dev, or build Lockstep without its NUMA trait."
#endif
#include <numa.h>
#include <numaif.h>
#include <sys/mman.h>
#include <unistd.h>

int lockstep_numa_nodes(void) { return numa_available() < 0 ? 1 : numa_num_configured_nodes(); }

int lockstep_numa_cores(int node, struct lockstep_cores *cores) {
    if (numa_available() < 0 || node < 0 || node > numa_max_node()) return -EINVAL;
    struct lockstep_cores allowed;
    int result = lockstep_cores_allowed(&allowed);
    if (result < 0) return result;
    struct bitmask *mask = numa_allocate_cpumask();
    if (mask == NULL) return -ENOMEM;
    int count = 0;
    *cores = (struct lockstep_cores){0};
    if (numa_node_to_cpus(node, mask) == 0) {
        for (int core = -1; (core = lockstep_cores_next(&allowed, core + 1)) >= 0;) {
            if (!numa_bitmask_isbitset(mask, (unsigned)core)) continue;
            cores->bits[core / 64] |= (uint64_t)1 << core % 64;
            count++;
        }
    }
    numa_free_cpumask(mask);
    return count;
}

int lockstep_numa_prefer(void *base, size_t size, int node) {
    unsigned long nodes[LOCKSTEP_CORES_MAX / (8 * sizeof(unsigned long))] = {0};
    const size_t bits = 8 * sizeof *nodes;
    if (node < 0 || (size_t)node >= sizeof nodes * 8) return -EINVAL;
    nodes[(size_t)node / bits] |= 1UL << (size_t)node % bits;
    // The kernel takes one bit less than it is told.
    return mbind(base, size, MPOL_PREFERRED, nodes, sizeof nodes * 8, 0) == 0 ? 0 : -errno;
}

// A container may be forbidden to say where memory shall lie.
static int may_prefer(int node) {
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return 0;
    const int result = lockstep_numa_prefer(page, size, node);
    munmap(page, size);
    return result == 0;
}

int lockstep_numa_usable(int *nodes, int max) {
    if (numa_available() < 0) return 0;
    int count = 0;
    for (int node = 0; node <= numa_max_node() && count < max; node++) {
        struct lockstep_cores cores;
        if (!numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node)) continue;
        if (lockstep_numa_cores(node, &cores) > 0 && may_prefer(node)) nodes[count++] = node;
    }
    return count;
}

int lockstep_numa_node_of(const void *address) {
    const uintptr_t page = (uintptr_t)address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
    void *pages[1] = {(void *)page};
    int status = -EIO;
    // Without nodes to move to, it only tells where they are.
    if (move_pages(0, 1, pages, NULL, &status, 0) != 0) return -errno;
    return status;
}
#else
int lockstep_numa_nodes(void) { return -ENOTSUP; }

int lockstep_numa_usable(int *nodes, int max) {
    (void)nodes, (void)max;
    return 0;
}

int lockstep_numa_cores(int node, struct lockstep_cores *cores) {
    (void)node, (void)cores;
    return -ENOTSUP;
}

int lockstep_numa_prefer(void *base, size_t size, int node) {
    (void)base, (void)size, (void)node;
    return -ENOTSUP;
}

int lockstep_numa_node_of(const void *address) {
    (void)address;
    return -ENOTSUP;
}
#endif
