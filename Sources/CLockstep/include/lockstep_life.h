#ifndef LOCKSTEP_LIFE_H
#define LOCKSTEP_LIFE_H

#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// One word for each peer that may wait for it: when a thread dies, the kernel wakes only one waiter of each word.
#define LOCKSTEP_LIFE_WORDS 64

// In shared memory: words that the kernel marks as soon as the thread that holds them ends, whatever ends it, long
// before the process's memory is freed and its sockets are closed. They are robust futexes. The list through which
// the kernel finds them lies beside them; peers cannot write either.
struct lockstep_life {
    struct robust_list_head list;
    // The C library's own list, which the thread has again when it lets go.
    struct robust_list_head *before;
    struct {
        struct robust_list link;
        uint32_t word;
        uint32_t unused;
    } entries[LOCKSTEP_LIFE_WORDS];
};

enum lockstep_life_state {
    LOCKSTEP_LIFE_NOT_STARTED = 0,
    LOCKSTEP_LIFE_ALIVE = 1,
    LOCKSTEP_LIFE_DIED = 2,
    LOCKSTEP_LIFE_LEFT = 3,
};

// Where the word for a peer lies.
static inline size_t lockstep_life_word_offset(size_t peer) {
    return offsetof(struct lockstep_life, entries[0].word) + peer * sizeof(((struct lockstep_life *)0)->entries[0]);
}

// What a word says.
enum lockstep_life_state lockstep_life_state(uint32_t word);

// The thread that holds a word, by its number in the process namespace that it lives in. 0: none does.
pid_t lockstep_life_holder(uint32_t word);

// Marks the calling thread as alive in all the words. A thread holds the words of one node only, and until it lets
// go the kernel does not know of other robust mutexes that it holds. -ENOSYS, -EPERM: the kernel does not offer it.
int lockstep_life_begin(struct lockstep_life *life);

// Says that the thread leaves, and wakes who waits. -EPERM: another thread holds the words.
int lockstep_life_end(struct lockstep_life *life);

#endif
