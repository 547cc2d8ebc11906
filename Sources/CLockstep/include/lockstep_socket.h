#ifndef LOCKSTEP_SOCKET_H
#define LOCKSTEP_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The most descriptors that travel with one message: fewer than the kernel's SCM_MAX_FD.
#define LOCKSTEP_DESCRIPTORS_MAX 64

// Listens at an abstract address: a name that is in no file system and is free again once nobody listens.
// -EADDRINUSE: somebody else does.
int lockstep_listen(const char *name, size_t length);

// Connects to such an address; it never blocks. -ECONNREFUSED: nobody listens; -EAGAIN: the listener's queue is
// full.
int lockstep_connect(const char *name, size_t length);

// Takes a connection. -EAGAIN: none is waiting.
int lockstep_accept(int listener);

// Sends one message with descriptors; it never blocks. -EAGAIN: the other side does not read.
int lockstep_send(int socket, const void *bytes, size_t length, const int *descriptors, uint32_t count);

// Receives one message of at most `capacity` bytes: its length, 0 at the end of the connection, -EMSGSIZE if it
// was longer, -EAGAIN if there is none. `count` holds the room for descriptors and then their number; more of
// them than there is room for are closed.
ssize_t lockstep_receive(int socket, void *bytes, size_t capacity, int *descriptors, uint32_t *count);

// The user and process at the other end of a connection.
int lockstep_peer(int socket, uid_t *user, pid_t *process);

// A pair of connected descriptors: writing to the second wakes who polls the first.
int lockstep_wake_pair(int *reader, int *writer);

// A set of descriptors of which the kernel tells which have something.
int lockstep_ready_make(void);

// Waits for these events of a descriptor, which have poll's numbers, under this key, whether it did before or not. With no
// events it waits for nothing of it any more.
int lockstep_ready_watch(int set, int descriptor, uint32_t events, uint64_t key);

// Waits for so many milliseconds, -1 for ever: how many have something, and their keys.
int lockstep_ready_wait(int set, uint64_t *keys, int capacity, int timeout);

#endif
