// Deflate (RFC 1951) by zlib: raw, as WebSocket's permessage-deflate has it (RFC 7692), and in the formats of content codings.
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

typedef enum {
  CDEFLATE_RAW,
  CDEFLATE_ZLIB, // RFC 1950
  CDEFLATE_GZIP, // RFC 1952
} cdeflate_format;

typedef enum {
  CDEFLATE_NO_FLUSH,
  CDEFLATE_SYNC,   // all of the input comes out (Z_SYNC_FLUSH: raw output ends with 00 00 FF FF)
  CDEFLATE_FINISH, // the same, and the end; of a compressor only
} cdeflate_flush;

// A compressor with a window of 1 << window_bits bytes (9 to 15) at a level of 1 to 9; NULL without memory.
cdeflate_stream *cdeflate_compressor(cdeflate_format format, int window_bits, int level);
// A decompressor with that window; NULL without memory. After an end there may be another beginning.
cdeflate_stream *cdeflate_decompressor(cdeflate_format format, int window_bits);
void cdeflate_free(cdeflate_stream *stream);
// Forgets all that went before; the memory stays.
void cdeflate_reset(cdeflate_stream *stream);

// Sets what the next calls read. It must stay where it is until they are done.
void cdeflate_input(cdeflate_stream *stream, const void *bytes, size_t count);
// Writes at most capacity bytes to output and tells how many. A compressor flushes at the input's end.
cdeflate_outcome cdeflate_run(cdeflate_stream *stream, cdeflate_flush flush, void *output, size_t capacity, size_t *written);

#endif
