#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int lockstep_read_text(const char *path, char *text, size_t capacity) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -errno;
    const ssize_t count = read(file, text, capacity - 1);
    const int error = errno;
    close(file);
    if (count < 0) return -error;
    text[count] = 0;
    return (int)count;
}
