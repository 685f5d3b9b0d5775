#include "CDecoders.h"

#include <brotli/decode.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

static ssize_t inflate_all(int window_bits, const void *bytes, size_t count, void *output, size_t capacity, int *ended) {
  z_stream z = {0};
  if (inflateInit2(&z, window_bits) != Z_OK) return -1;
  z.next_in = (unsigned char *)bytes;
  z.avail_in = (unsigned)count;
  z.next_out = output;
  z.avail_out = (unsigned)capacity;
  int result = inflate(&z, Z_SYNC_FLUSH);
  *ended = result == Z_STREAM_END;
  ssize_t made = (ssize_t)(capacity - z.avail_out);
  inflateEnd(&z);
  return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ? made : -1;
}

ssize_t cdecoders_gzip(const void *bytes, size_t count, void *output, size_t capacity, int *ended) {
  return inflate_all(15 + 16, bytes, count, output, capacity, ended);
}

ssize_t cdecoders_deflate(const void *bytes, size_t count, void *output, size_t capacity, int *ended) {
  return inflate_all(15, bytes, count, output, capacity, ended);
}

ssize_t cdecoders_brotli(const void *bytes, size_t count, void *output, size_t capacity, int *ended) {
  BrotliDecoderState *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
  const uint8_t *next = bytes;
  uint8_t *out = output;
  size_t room = capacity;
  BrotliDecoderResult result = BrotliDecoderDecompressStream(state, &count, &next, &room, &out, NULL);
  *ended = result == BROTLI_DECODER_RESULT_SUCCESS;
  BrotliDecoderDestroyInstance(state);
  return result == BROTLI_DECODER_RESULT_ERROR ? -1 : (ssize_t)(capacity - room);
}

ssize_t cdecoders_zstd(const void *bytes, size_t count, void *output, size_t capacity, int *ended) {
  ZSTD_DCtx *context = ZSTD_createDCtx();
  ZSTD_inBuffer in = {bytes, count, 0};
  ZSTD_outBuffer out = {output, capacity, 0};
  size_t rest = 1;
  while (in.pos < in.size && !ZSTD_isError(rest)) rest = ZSTD_decompressStream(context, &out, &in);
  *ended = rest == 0;
  ZSTD_freeDCtx(context);
  return ZSTD_isError(rest) ? -1 : (ssize_t)out.pos;
}
