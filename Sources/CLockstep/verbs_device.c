#include "lockstep_verbs.h"

#include <errno.h>

#include "verbs_library.h"

#ifdef LOCKSTEP_VERBS
#include <fcntl.h>
#include <string.h>

int lockstep_verbs_open(const char *device, struct ibv_context **context) {
    int error = lockstep_verbs_load();
    if (error) return error;
    int count;
    struct ibv_device **list = verbs_library.get_device_list(&count);
    if (!list) return verbs_error(errno);
    error = -ENODEV;
    for (int i = 0; i < count; i++) {
        if (strcmp(verbs_library.get_device_name(list[i]), device) != 0) continue;
        *context = verbs_library.open_device(list[i]);
        error = *context ? 0 : verbs_error(errno);
    }
    verbs_library.free_device_list(list);
    return error;
}

void lockstep_verbs_close(struct ibv_context *context) { verbs_library.close_device(context); }

int lockstep_verbs_query(struct ibv_context *context, uint8_t port, struct lockstep_verbs_port *result) {
    struct ibv_device_attr device;
    int error = verbs_library.query_device(context, &device);
    if (error) return verbs_error(error);
    if (port < 1 || port > device.phys_port_cnt) return -ENODEV;
    // Through the symbol of old, which fills less than the structure of today.
    struct ibv_port_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    error = verbs_library.query_port(context, port, &attributes);
    if (error) return verbs_error(error);
    *result = (struct lockstep_verbs_port){
        .is_active = attributes.state == IBV_PORT_ACTIVE,
        .is_ethernet = attributes.link_layer == IBV_LINK_LAYER_ETHERNET,
        .is_unordered = context->device->transport_type != IBV_TRANSPORT_IB,
        .mtu = 128u << attributes.active_mtu,
        .lid = attributes.lid,
        .queue_depth_max = (uint32_t)device.max_qp_wr,
        .completions_max = (uint32_t)device.max_cqe,
    };
    return 0;
}

int lockstep_verbs_domain(struct ibv_context *context, struct ibv_pd **domain) {
    *domain = verbs_library.alloc_pd(context);
    return *domain ? 0 : verbs_error(errno);
}

void lockstep_verbs_free_domain(struct ibv_pd *domain) { verbs_library.dealloc_pd(domain); }

int lockstep_verbs_register(struct ibv_pd *domain, const void *base, size_t size, int is_writable, struct ibv_mr **memory,
                            struct lockstep_verbs_keys *keys) {
    // Without IBV_ACCESS_RELAXED_ORDERING: what a counter vouches for must be there before it.
    int access = is_writable ? IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE : 0;
    *memory = verbs_library.reg_mr(domain, (void *)base, size, access);
    if (!*memory) return verbs_error(errno);
    *keys = (struct lockstep_verbs_keys){.local = (*memory)->lkey, .remote = (*memory)->rkey};
    return 0;
}

void lockstep_verbs_deregister(struct ibv_mr *memory) { verbs_library.dereg_mr(memory); }

int lockstep_verbs_channel(struct ibv_context *context, struct ibv_comp_channel **channel, int *descriptor) {
    struct ibv_comp_channel *made = verbs_library.create_comp_channel(context);
    if (!made) return verbs_error(errno);
    int flags = fcntl(made->fd, F_GETFL);
    if (flags < 0 || fcntl(made->fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        int error = errno;
        verbs_library.destroy_comp_channel(made);
        return verbs_error(error);
    }
    *channel = made;
    *descriptor = made->fd;
    return 0;
}

void lockstep_verbs_free_channel(struct ibv_comp_channel *channel) { verbs_library.destroy_comp_channel(channel); }

int lockstep_verbs_announced(struct ibv_comp_channel *channel, uint64_t *tag) {
    struct ibv_cq *completions;
    void *context;
    if (verbs_library.get_cq_event(channel, &completions, &context) != 0) return verbs_error(errno);
    *tag = (uint64_t)(uintptr_t)context;
    verbs_library.ack_cq_events(completions, 1);
    return 0;
}

int lockstep_verbs_completions(struct ibv_context *context, uint32_t depth, struct ibv_comp_channel *channel, uint64_t tag,
                               struct ibv_cq **completions) {
    *completions = verbs_library.create_cq(context, (int)depth, (void *)(uintptr_t)tag, channel, 0);
    return *completions ? 0 : verbs_error(errno);
}

void lockstep_verbs_free_completions(struct ibv_cq *completions) { verbs_library.destroy_cq(completions); }

int lockstep_verbs_arm(struct ibv_cq *completions) {
    int error = ibv_req_notify_cq(completions, 0);
    return error ? verbs_error(error) : 0;
}

int lockstep_verbs_poll(struct ibv_cq *completions, struct lockstep_verbs_completion *results, int capacity) {
    struct ibv_wc taken[16];
    int count = ibv_poll_cq(completions, capacity < 16 ? capacity : 16, taken);
    for (int i = 0; i < count; i++) {
        results[i] = (struct lockstep_verbs_completion){.request = taken[i].wr_id, .status = taken[i].status};
    }
    return count < 0 ? -EIO : count;
}

const char *lockstep_verbs_status_text(int status) { return verbs_library.wc_status_str(status); }
#endif
