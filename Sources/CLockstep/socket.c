#include "lockstep_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int make_address(const char *name, size_t length, struct sockaddr_un *address, socklen_t *size) {
    if (length + 1 > sizeof address->sun_path) return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path + 1, name, length);  // the leading zero makes it abstract
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    return 0;
}

int lockstep_listen(const char *name, size_t length) {
    struct sockaddr_un address;
    socklen_t size;
    int error = make_address(name, length, &address, &size);
    if (error != 0) return error;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    if (bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 128) == 0) return fd;
    error = errno;
    close(fd);
    return -error;
}

int lockstep_connect(const char *name, size_t length) {
    struct sockaddr_un address;
    socklen_t size;
    int error = make_address(name, length, &address, &size);
    if (error != 0) return error;
    // Not blocking from the start: connecting to a full queue would wait without end for a stopped listener.
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    int result;
    do {
        result = connect(fd, (struct sockaddr *)&address, size);
    } while (result != 0 && errno == EINTR);
    if (result == 0) return fd;
    error = errno;
    close(fd);
    return -error;
}

int lockstep_accept(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}

int lockstep_send(int socket, const void *bytes, size_t length, const int *descriptors, uint32_t count) {
    if (count > LOCKSTEP_DESCRIPTORS_MAX) return -EINVAL;
    union {
        char bytes[CMSG_SPACE(sizeof(int) * LOCKSTEP_DESCRIPTORS_MAX)];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec part = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

static void take_descriptors(struct cmsghdr *header, int *descriptors, uint32_t room, uint32_t *count) {
    size_t arrived = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < arrived; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
        if (*count < room) {
            descriptors[(*count)++] = fd;
        } else {
            close(fd);
        }
    }
}

ssize_t lockstep_receive(int socket, void *bytes, size_t capacity, int *descriptors, uint32_t *count) {
    uint32_t room = *count;
    *count = 0;
    union {
        char bytes[CMSG_SPACE(sizeof(int) * LOCKSTEP_DESCRIPTORS_MAX)];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {bytes, capacity};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t length;
    do {
        length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            take_descriptors(header, descriptors, room, count);
        }
    }
    return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : length;
}

int lockstep_peer(int socket, uid_t *user, pid_t *process) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -errno;
    *user = credentials.uid;
    *process = credentials.pid;
    return 0;
}

int lockstep_wake_pair(int *reader, int *writer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
    *reader = ends[0];
    *writer = ends[1];
    return 0;
}

int lockstep_ready_make(void) {
    int set = epoll_create1(EPOLL_CLOEXEC);
    return set < 0 ? -errno : set;
}

int lockstep_ready_watch(int set, int descriptor, uint32_t events, uint64_t key) {
    struct epoll_event event = {.events = events, .data.u64 = key};
    if (events == 0) return epoll_ctl(set, EPOLL_CTL_DEL, descriptor, &event) == 0 ? 0 : -errno;
    if (epoll_ctl(set, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    if (errno != ENOENT) return -errno;
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int lockstep_ready_wait(int set, uint64_t *keys, int capacity, int timeout) {
    enum { AT_ONCE = 64 };
    struct epoll_event events[AT_ONCE];
    int count = epoll_wait(set, events, capacity < AT_ONCE ? capacity : AT_ONCE, timeout);
    for (int index = 0; index < count; index++) keys[index] = events[index].data.u64;
    return count < 0 ? -errno : count;
}
