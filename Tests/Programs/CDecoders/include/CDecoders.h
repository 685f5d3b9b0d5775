// What a client makes of a content coding: the decoders of the libraries, in one call each.
#ifndef CDECODERS_H
#define CDECODERS_H

#include <stddef.h>
#include <sys/types.h>

// Decodes all that can be decoded of the bytes. How many came out; -1 where they are malformed. *ended tells whether the
// coding's own end was among them.
ssize_t cdecoders_gzip(const void *bytes, size_t count, void *output, size_t capacity, int *ended);
ssize_t cdecoders_deflate(const void *bytes, size_t count, void *output, size_t capacity, int *ended);
ssize_t cdecoders_brotli(const void *bytes, size_t count, void *output, size_t capacity, int *ended);
ssize_t cdecoders_zstd(const void *bytes, size_t count, void *output, size_t capacity, int *ended);

#endif
