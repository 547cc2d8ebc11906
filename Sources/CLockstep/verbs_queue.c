#include "lockstep_verbs.h"

#include <errno.h>

#include "verbs_library.h"

#ifdef LOCKSTEP_VERBS
#include <string.h>

// Halves the bytes of a request's own copy until the device takes them: no call tells how many it would.
int lockstep_verbs_queue_pair(struct ibv_pd *domain, struct ibv_cq *completions, struct lockstep_verbs_queue_pair *result) {
    uint32_t bytes = result->inline_bytes;
    for (;;) {
        struct ibv_qp_init_attr attributes = {
            .send_cq = completions,
            .recv_cq = completions,
            .cap = {.max_send_wr = result->sends,
                    .max_recv_wr = result->receives,
                    .max_send_sge = 1,
                    .max_recv_sge = 1,
                    .max_inline_data = bytes},
            .qp_type = IBV_QPT_RC,
        };
        result->queue_pair = verbs_library.create_qp(domain, &attributes);
        if (result->queue_pair) {
            // Some devices say that they give more.
            result->inline_bytes = bytes;
            result->number = result->queue_pair->qp_num;
            return 0;
        }
        if (bytes == 0) return verbs_error(errno);
        bytes /= 2;
    }
}

void lockstep_verbs_free_queue_pair(struct ibv_qp *queue_pair) { verbs_library.destroy_qp(queue_pair); }

static enum ibv_mtu mtu_code(uint32_t bytes) {
    enum ibv_mtu code = IBV_MTU_256;
    while (code < IBV_MTU_4096 && 256u << code <= bytes) code++;
    return code;
}

int lockstep_verbs_connect(struct ibv_qp *queue_pair, const struct lockstep_verbs_path *path) {
    struct ibv_qp_attr attributes = {
        .qp_state = IBV_QPS_INIT,
        .port_num = path->port,
        .qp_access_flags = IBV_ACCESS_REMOTE_WRITE,
    };
    int mask = IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS;
    int error = verbs_library.modify_qp(queue_pair, &attributes, mask);
    if (error) return verbs_error(error);

    attributes = (struct ibv_qp_attr){
        .qp_state = IBV_QPS_RTR,
        .path_mtu = mtu_code(path->mtu),
        .dest_qp_num = path->number,
        .rq_psn = path->first_packet,
        .min_rnr_timer = 12,  // 0.64 ms
        .ah_attr = {.dlid = path->lid,
                    .sl = path->service_level,
                    .is_global = (uint8_t)path->is_ethernet,
                    .port_num = path->port,
                    .grh = {.sgid_index = path->gid_index, .hop_limit = 64, .traffic_class = path->traffic_class}},
    };
    memcpy(attributes.ah_attr.grh.dgid.raw, path->gid, sizeof path->gid);
    mask = IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC |
           IBV_QP_MIN_RNR_TIMER;
    error = verbs_library.modify_qp(queue_pair, &attributes, mask);
    if (error) return verbs_error(error);

    attributes = (struct ibv_qp_attr){
        .qp_state = IBV_QPS_RTS,
        .sq_psn = path->first_packet,
        .timeout = path->timeout,
        .retry_cnt = path->retries,
        // 7 would be for ever, and a receiver that has no request left for that long does not live.
        .rnr_retry = 6,
    };
    mask = IBV_QP_STATE | IBV_QP_SQ_PSN | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC;
    error = verbs_library.modify_qp(queue_pair, &attributes, mask);
    return error ? verbs_error(error) : 0;
}

int lockstep_verbs_fence(struct ibv_qp *queue_pair) {
    struct ibv_qp_attr attributes = {.qp_state = IBV_QPS_ERR};
    int error = verbs_library.modify_qp(queue_pair, &attributes, IBV_QP_STATE);
    return error ? verbs_error(error) : 0;
}

int lockstep_verbs_post(struct ibv_qp *queue_pair, const struct lockstep_verbs_write *writes, uint32_t count) {
    if (count > LOCKSTEP_VERBS_WRITES_MAX) return -EINVAL;
    struct ibv_send_wr requests[LOCKSTEP_VERBS_WRITES_MAX];
    struct ibv_sge parts[LOCKSTEP_VERBS_WRITES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        const struct lockstep_verbs_write *write = &writes[i];
        parts[i] = (struct ibv_sge){.addr = write->source, .length = write->length, .lkey = write->source_key};
        requests[i] = (struct ibv_send_wr){
            .wr_id = write->request,
            .next = i + 1 < count ? &requests[i + 1] : NULL,
            .sg_list = &parts[i],
            .num_sge = 1,
            .opcode = write->flags & LOCKSTEP_VERBS_WAKING ? IBV_WR_RDMA_WRITE_WITH_IMM : IBV_WR_RDMA_WRITE,
            .send_flags = (write->flags & LOCKSTEP_VERBS_INLINE ? IBV_SEND_INLINE : 0) |
                          (write->flags & LOCKSTEP_VERBS_SIGNALLED ? IBV_SEND_SIGNALED : 0),
            .wr.rdma = {.remote_addr = write->destination, .rkey = write->destination_key},
        };
    }
    struct ibv_send_wr *refused;
    int error = count ? ibv_post_send(queue_pair, requests, &refused) : 0;
    return error ? verbs_error(error) : 0;
}

int lockstep_verbs_receive(struct ibv_qp *queue_pair, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct ibv_recv_wr request = {0}, *refused;
        int error = ibv_post_recv(queue_pair, &request, &refused);
        if (error) return verbs_error(error);
    }
    return 0;
}
#endif
