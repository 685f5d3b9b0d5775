#include "CDeflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct cdeflate_stream {
  z_stream z;
  bool inflates;
  // What is left of the input: zlib counts in 32 bits.
  const unsigned char *next;
  size_t left;
};

static cdeflate_stream *make(void) { return calloc(1, sizeof(cdeflate_stream)); }

// How zlib is told of the format.
static int format_bits(cdeflate_format format, int window_bits) {
  return format == CDEFLATE_RAW ? -window_bits : format == CDEFLATE_GZIP ? window_bits + 16 : window_bits;
}

cdeflate_stream *cdeflate_compressor(cdeflate_format format, int window_bits, int level) {
  cdeflate_stream *stream = make();
  if (stream == NULL) return NULL;
  // Memory level 8 is zlib's own: with it and a window of 32 KB a compressor takes 268 KB.
  int bits = format_bits(format, window_bits);
  if (deflateInit2(&stream->z, level, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK) return stream;
  free(stream);
  return NULL;
}

cdeflate_stream *cdeflate_decompressor(cdeflate_format format, int window_bits) {
  cdeflate_stream *stream = make();
  if (stream == NULL) return NULL;
  stream->inflates = true;
  if (inflateInit2(&stream->z, format_bits(format, window_bits)) == Z_OK) return stream;
  free(stream);
  return NULL;
}

void cdeflate_free(cdeflate_stream *stream) {
  if (stream == NULL) return;
  if (stream->inflates) inflateEnd(&stream->z);
  else deflateEnd(&stream->z);
  free(stream);
}

void cdeflate_reset(cdeflate_stream *stream) {
  if (stream->inflates) inflateReset(&stream->z);
  else deflateReset(&stream->z);
  stream->left = 0;
  stream->z.avail_in = 0;
}

void cdeflate_input(cdeflate_stream *stream, const void *bytes, size_t count) {
  stream->next = bytes;
  stream->left = count;
}

static void refill(cdeflate_stream *stream) {
  if (stream->z.avail_in > 0 || stream->left == 0) return;
  size_t count = stream->left < UINT_MAX ? stream->left : UINT_MAX;
  stream->z.next_in = (unsigned char *)stream->next;
  stream->z.avail_in = (unsigned)count;
  stream->next += count;
  stream->left -= count;
}

static int run_once(cdeflate_stream *stream, cdeflate_flush flush) {
  static const int flushes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
  if (stream->inflates) return inflate(&stream->z, Z_SYNC_FLUSH);
  return deflate(&stream->z, stream->left == 0 ? flushes[flush] : Z_NO_FLUSH);
}

cdeflate_outcome cdeflate_run(cdeflate_stream *stream, cdeflate_flush flush, void *output, size_t capacity, size_t *written) {
  z_stream *z = &stream->z;
  unsigned size = capacity < UINT_MAX ? (unsigned)capacity : UINT_MAX;
  z->next_out = output;
  z->avail_out = size;
  int result;
  bool ended;
  do {
    refill(stream);
    result = run_once(stream, flush);
    // A last block may be followed by others (RFC 7692, 7.2.3.4), which may refer to what went before: the window stays.
    ended = result == Z_STREAM_END;
    if (ended && stream->inflates) result = inflateResetKeep(z);
  } while (result == Z_OK && z->avail_out > 0 && (z->avail_in > 0 || stream->left > 0));
  *written = size - z->avail_out;
  if (ended && z->avail_in == 0 && stream->left == 0) return CDEFLATE_END;
  if (ended && !stream->inflates) return CDEFLATE_END;
  // Z_BUF_ERROR: nothing could be done, because all has been done.
  if (result != Z_OK && result != Z_BUF_ERROR) return CDEFLATE_BAD;
  return z->avail_out == 0 ? CDEFLATE_MORE : CDEFLATE_DONE;
}
