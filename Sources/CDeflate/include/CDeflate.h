// Raw deflate (RFC 1951) by zlib, as WebSocket's permessage-deflate uses it (RFC 7692).
#ifndef CDEFLATE_H
#define CDEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cdeflate_stream cdeflate_stream;

// How a call ended.
typedef enum {
  CDEFLATE_MORE, // the output is full, and there may be more
  CDEFLATE_DONE, // all of the input is used and all of the output made
  CDEFLATE_END,  // the same, and the data say that they end here
  CDEFLATE_BAD,  // the data are not deflate's
} cdeflate_outcome;

// A compressor with a window of 1 << window_bits bytes (9 to 15) at a level of 1 to 9; NULL without memory.
cdeflate_stream *cdeflate_compressor(int window_bits, int level);
// A decompressor with that window; NULL without memory.
cdeflate_stream *cdeflate_decompressor(int window_bits);
void cdeflate_free(cdeflate_stream *stream);
// Forgets all that went before; the memory stays.
void cdeflate_reset(cdeflate_stream *stream);

// Sets what the next calls read. It must stay where it is until they are done.
void cdeflate_input(cdeflate_stream *stream, const void *bytes, size_t count);
// Writes at most capacity bytes to output and tells how many. A compressor flushes at the input's end when flush is set
// (Z_SYNC_FLUSH: the output ends with 00 00 FF FF).
cdeflate_outcome cdeflate_run(cdeflate_stream *stream, bool flush, void *output, size_t capacity, size_t *written);

#endif
