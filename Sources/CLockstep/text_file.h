#ifndef TEXT_FILE_H
#define TEXT_FILE_H

#include <stddef.h>

/// The beginning of a file of the kernel's, with a zero behind it. Returns how many bytes there are, or a negated errno.
int lockstep_read_text(const char *path, char *text, size_t capacity);

#endif
