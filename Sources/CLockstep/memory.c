#include "lockstep_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

static const int fixed_size_seals = F_SEAL_SHRINK | F_SEAL_GROW;
static const int region_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

int lockstep_region_create(const char *name, size_t size, int *descriptor, void **base) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -errno;
    if (ftruncate(fd, (off_t)size) == 0) {
        void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
        if (map != MAP_FAILED) {
            if (fcntl(fd, F_ADD_SEALS, region_seals) == 0) {
                *descriptor = fd;
                *base = map;
                return 0;
            }
            int error = errno;
            munmap(map, size);
            errno = error;
        }
    }
    int error = errno;
    close(fd);
    return -error;
}

int lockstep_region_reserve(int descriptor, size_t offset, size_t size) {
    int result;
    do {
        result = fallocate(descriptor, 0, (off_t)offset, (off_t)size);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : -errno;
}

int lockstep_mirror_map(int descriptor, size_t size, const void **base) {
    // Without these seals the owner could shrink the file and our reads would end in a bus error.
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0) return -errno;
    if ((seals & fixed_size_seals) != fixed_size_seals) return -EPERM;
    struct stat file;
    if (fstat(descriptor, &file) != 0) return -errno;
    if ((size_t)file.st_size != size) return -EINVAL;
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
    if (map == MAP_FAILED) return -errno;
    *base = map;
    return 0;
}

int lockstep_memory_map(size_t size, void **base) {
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) return -errno;
    *base = map;
    return 0;
}

// A word at any address.
static uint64_t load_word(const char *from) {
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

void lockstep_store_words(void *to, const void *from, size_t words) {
    // Volatile, so that the compiler makes no memcpy of it, which may copy byte by byte.
    volatile uint64_t *word = to;
    const char *next = from;
#if defined(__x86_64__)
    // A store of 16 aligned bytes leaves both of their words whole.
    if (words > 0 && (uintptr_t)word % 16 != 0) {
        *word++ = load_word(next);
        next += 8;
        words--;
    }
    for (; words >= 8; words -= 8, next += 64, word += 8) {
        __m128i first = _mm_loadu_si128((const __m128i *)next), second = _mm_loadu_si128((const __m128i *)next + 1);
        __m128i third = _mm_loadu_si128((const __m128i *)next + 2), fourth = _mm_loadu_si128((const __m128i *)next + 3);
        volatile __m128i *pair = (volatile __m128i *)word;
        pair[0] = first;
        pair[1] = second;
        pair[2] = third;
        pair[3] = fourth;
    }
#endif
    for (; words > 0; words--, next += 8) *word++ = load_word(next);
}

void lockstep_unmap(const void *base, size_t size) { munmap((void *)base, size); }
