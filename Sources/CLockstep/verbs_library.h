#ifndef LOCKSTEP_VERBS_LIBRARY_H
#define LOCKSTEP_VERBS_LIBRARY_H

#ifdef LOCKSTEP_VERBS
#if !__has_include(<infiniband/verbs.h>)
#error "The RDMA headers are missing. Install libibverbs-dev, or build without the Verbs trait."
#endif
#include <infiniband/verbs.h>
#include <stdint.h>

// The functions of libibverbs that are not in its header. The header hides some names behind macros.
struct verbs_library {
    struct ibv_device **(*get_device_list)(int *);
    void (*free_device_list)(struct ibv_device **);
    const char *(*get_device_name)(struct ibv_device *);
    struct ibv_context *(*open_device)(struct ibv_device *);
    int (*close_device)(struct ibv_context *);
    int (*query_device)(struct ibv_context *, struct ibv_device_attr *);
    int (*query_port)(struct ibv_context *, uint8_t, struct ibv_port_attr *);
    struct ibv_pd *(*alloc_pd)(struct ibv_context *);
    int (*dealloc_pd)(struct ibv_pd *);
    struct ibv_mr *(*reg_mr)(struct ibv_pd *, void *, size_t, int);
    int (*dereg_mr)(struct ibv_mr *);
    struct ibv_comp_channel *(*create_comp_channel)(struct ibv_context *);
    int (*destroy_comp_channel)(struct ibv_comp_channel *);
    struct ibv_cq *(*create_cq)(struct ibv_context *, int, void *, struct ibv_comp_channel *, int);
    int (*destroy_cq)(struct ibv_cq *);
    int (*get_cq_event)(struct ibv_comp_channel *, struct ibv_cq **, void **);
    void (*ack_cq_events)(struct ibv_cq *, unsigned int);
    struct ibv_qp *(*create_qp)(struct ibv_pd *, struct ibv_qp_init_attr *);
    int (*destroy_qp)(struct ibv_qp *);
    int (*modify_qp)(struct ibv_qp *, struct ibv_qp_attr *, int);
    const char *(*wc_status_str)(enum ibv_wc_status);
};

// Filled by lockstep_verbs_load; nobody calls anything before that has returned 0.
extern struct verbs_library verbs_library;

// What a failed call says: with its number, or in errno.
static inline int verbs_error(int error) { return error > 0 ? -error : -EIO; }

#endif
#endif
