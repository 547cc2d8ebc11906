#ifndef LOCKSTEP_VERBS_H
#define LOCKSTEP_VERBS_H

#include <stddef.h>
#include <stdint.h>

// RDMA through libibverbs, which is opened at run time, so that one binary runs on hosts without it. Without the Verbs
// trait these functions are not built, and nobody may call them.

struct ibv_comp_channel;
struct ibv_context;
struct ibv_cq;
struct ibv_mr;
struct ibv_pd;
struct ibv_qp;

// 0: libibverbs can be used. -ENOENT: it is not installed; -ENOSYS: it lacks what is needed.
int lockstep_verbs_load(void);

// Opens a device by its name. -ENODEV: there is none of that name.
int lockstep_verbs_open(const char *device, struct ibv_context **context);
void lockstep_verbs_close(struct ibv_context *context);

struct lockstep_verbs_port {
    int is_active;
    int is_ethernet;
    // Its writes may be placed in another order than they were sent in: iWARP.
    int is_unordered;
    // Bytes that one packet carries.
    uint32_t mtu;
    // Its address in an InfiniBand subnet.
    uint16_t lid;
    // Limits of the device.
    uint32_t queue_depth_max, completions_max;
};

int lockstep_verbs_query(struct ibv_context *context, uint8_t port, struct lockstep_verbs_port *result);

// A protection domain: its queue pairs reach only the memory that was registered with it.
int lockstep_verbs_domain(struct ibv_context *context, struct ibv_pd **domain);
void lockstep_verbs_free_domain(struct ibv_pd *domain);

struct lockstep_verbs_keys {
    uint32_t local, remote;
};

// Registers memory, all of which becomes present and stays so. `is_writable`: by the other end of a queue pair.
int lockstep_verbs_register(struct ibv_pd *domain, const void *base, size_t size, int is_writable, struct ibv_mr **memory,
                            struct lockstep_verbs_keys *keys);
void lockstep_verbs_deregister(struct ibv_mr *memory);

// Where completions are announced, if a queue of them asks for it. The descriptor never blocks and belongs to the channel.
int lockstep_verbs_channel(struct ibv_context *context, struct ibv_comp_channel **channel, int *descriptor);
void lockstep_verbs_free_channel(struct ibv_comp_channel *channel);
// The tag of a queue that has announced something. -EAGAIN: none has.
int lockstep_verbs_announced(struct ibv_comp_channel *channel, uint64_t *tag);

// A queue of completions. The channel may be null.
int lockstep_verbs_completions(struct ibv_context *context, uint32_t depth, struct ibv_comp_channel *channel, uint64_t tag,
                               struct ibv_cq **completions);
void lockstep_verbs_free_completions(struct ibv_cq *completions);
// The next completion is to be announced.
int lockstep_verbs_arm(struct ibv_cq *completions);

struct lockstep_verbs_completion {
    uint64_t request;
    // 0: it went well; else a number that lockstep_verbs_status_text knows.
    int status;
};

// Takes up to `capacity` completions: how many there were.
int lockstep_verbs_poll(struct ibv_cq *completions, struct lockstep_verbs_completion *results, int capacity);
const char *lockstep_verbs_status_text(int status);

// A queue pair of a reliable connection, of which one end sends and the other receives.
struct lockstep_verbs_queue_pair {
    // Asked for: how many requests it holds, and of how many bytes a request may hold a copy of its own. The device may
    // give fewer bytes.
    uint32_t sends, receives, inline_bytes;
    struct ibv_qp *queue_pair;
    uint32_t number;
};

int lockstep_verbs_queue_pair(struct ibv_pd *domain, struct ibv_cq *completions, struct lockstep_verbs_queue_pair *result);
void lockstep_verbs_free_queue_pair(struct ibv_qp *queue_pair);

// How a queue pair finds another.
struct lockstep_verbs_path {
    uint8_t port;
    // The index in this port's table of addresses, and the other's address.
    uint8_t gid_index;
    uint8_t gid[16];
    uint16_t lid;
    int is_ethernet;
    // Of both ports, the less.
    uint32_t mtu;
    uint32_t number;
    // The first packet's number, which both ends must know.
    uint32_t first_packet;
    uint8_t traffic_class, service_level;
    // How long the device waits for an answer, as 4.096 µs times 2 to the power of this, and how often it tries again.
    uint8_t timeout, retries;
};

int lockstep_verbs_connect(struct ibv_qp *queue_pair, const struct lockstep_verbs_path *path);

// Takes a queue pair down: nothing that the other end sends on it arrives after this.
int lockstep_verbs_fence(struct ibv_qp *queue_pair);

enum lockstep_verbs_flags {
    // The request holds a copy of the bytes.
    LOCKSTEP_VERBS_INLINE = 1,
    // A completion tells when it is done, and with it all before it.
    LOCKSTEP_VERBS_SIGNALLED = 2,
    // It also uses up a receive request at the other end, which gives a completion there.
    LOCKSTEP_VERBS_WAKING = 4,
};

struct lockstep_verbs_write {
    uint64_t request;
    uint64_t source, destination;
    uint32_t length;
    uint32_t source_key, destination_key;
    uint32_t flags;
};

// The most writes that one call posts.
#define LOCKSTEP_VERBS_WRITES_MAX 32

// Posts writes as one linked list, of which the device is told once.
int lockstep_verbs_post(struct ibv_qp *queue_pair, const struct lockstep_verbs_write *writes, uint32_t count);

// Posts receive requests, which waking writes use up.
int lockstep_verbs_receive(struct ibv_qp *queue_pair, uint32_t count);

#endif
