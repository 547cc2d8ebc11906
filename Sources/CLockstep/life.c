#include "lockstep_life.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lockstep_futex.h"

// No thread has this number: the kernel's are below 2^22.
static const uint32_t left = FUTEX_TID_MASK;

enum lockstep_life_state lockstep_life_state(uint32_t word) {
    if (word & FUTEX_OWNER_DIED) return LOCKSTEP_LIFE_DIED;
    if (word == left) return LOCKSTEP_LIFE_LEFT;
    return word == 0 ? LOCKSTEP_LIFE_NOT_STARTED : LOCKSTEP_LIFE_ALIVE;
}

pid_t lockstep_life_holder(uint32_t word) {
    return lockstep_life_state(word) == LOCKSTEP_LIFE_ALIVE ? (pid_t)(word & FUTEX_TID_MASK) : 0;
}

static void set_words(struct lockstep_life *life, uint32_t value) {
    for (int i = 0; i < LOCKSTEP_LIFE_WORDS; i++) {
        __atomic_store_n(&life->entries[i].word, value, __ATOMIC_RELEASE);
        lockstep_futex_wake(&life->entries[i].word);
    }
}

// With the bit that makes the kernel wake a waiter.
static uint32_t own_word(void) { return (uint32_t)syscall(SYS_gettid) | FUTEX_WAITERS; }

int lockstep_life_begin(struct lockstep_life *life) {
    size_t size;
    if (syscall(SYS_get_robust_list, 0, &life->before, &size) != 0) return -errno;
    const int last = LOCKSTEP_LIFE_WORDS - 1;
    for (int i = 0; i < last; i++) life->entries[i].link.next = &life->entries[i + 1].link;
    life->entries[last].link.next = &life->list.list;
    life->list.list.next = &life->entries[0].link;
    life->list.futex_offset = (char *)&life->entries[0].word - (char *)&life->entries[0].link;
    life->list.list_op_pending = NULL;
    // Before the words say that it lives: who dies in between has not started, and does not live for ever.
    if (syscall(SYS_set_robust_list, &life->list, sizeof life->list) != 0) return -errno;
    set_words(life, own_word());
    return 0;
}

int lockstep_life_end(struct lockstep_life *life) {
    if (__atomic_load_n(&life->entries[0].word, __ATOMIC_RELAXED) != own_word()) return -EPERM;
    set_words(life, left);
    return syscall(SYS_set_robust_list, life->before, sizeof *life->before) == 0 ? 0 : -errno;
}
