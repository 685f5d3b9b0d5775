#include <brotli/decode.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zstd.h>

#include "CContentCoding.h"
#include "CDeflate.h"

struct ccoding_decoder {
  ccoding_kind kind;
  union {
    cdeflate_stream *deflate;
    BrotliDecoderState *brotli;
    ZSTD_DCtx *zstd;
  };
  // What is left of the input.
  const uint8_t *next;
  size_t left;
  // Whether the content may end here.
  bool ended;
};

// 8 MB: what RFC 8878 says that every decoder must take, and no content coding more (RFC 9659).
enum { most_zstd_window_bits = 23 };

static ZSTD_DCtx *make_zstd(void) {
  ZSTD_DCtx *context = ZSTD_createDCtx();
  if (context != NULL) ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, most_zstd_window_bits);
  return context;
}

ccoding_decoder *ccoding_decoder_make(ccoding_kind kind) {
  ccoding_decoder *decoder = calloc(1, sizeof *decoder);
  if (decoder == NULL) return NULL;
  decoder->kind = kind;
  switch (kind) {
  case CCODING_GZIP: decoder->deflate = cdeflate_decompressor(CDEFLATE_GZIP, 15); break;
  case CCODING_DEFLATE: decoder->deflate = cdeflate_decompressor(CDEFLATE_ZLIB, 15); break;
  case CCODING_BROTLI: decoder->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL); break;
  case CCODING_ZSTD: decoder->zstd = make_zstd(); break;
  }
  if (decoder->deflate != NULL) return decoder;
  free(decoder);
  return NULL;
}

void ccoding_decoder_free(ccoding_decoder *decoder) {
  if (decoder == NULL) return;
  switch (decoder->kind) {
  case CCODING_GZIP:
  case CCODING_DEFLATE: cdeflate_free(decoder->deflate); break;
  case CCODING_BROTLI: BrotliDecoderDestroyInstance(decoder->brotli); break;
  case CCODING_ZSTD: ZSTD_freeDCtx(decoder->zstd); break;
  }
  free(decoder);
}

void ccoding_decoder_input(ccoding_decoder *decoder, const void *bytes, size_t count) {
  decoder->next = bytes;
  decoder->left = count;
  if (count > 0 && decoder->kind != CCODING_BROTLI) decoder->ended = false;
  if (decoder->kind <= CCODING_DEFLATE) cdeflate_input(decoder->deflate, bytes, count);
}

bool ccoding_decoder_ended(const ccoding_decoder *decoder) { return decoder->ended; }

static ccoding_outcome run_deflate(ccoding_decoder *decoder, void *output, size_t capacity, size_t *written) {
  switch (cdeflate_run(decoder->deflate, CDEFLATE_NO_FLUSH, output, capacity, written)) {
  case CDEFLATE_MORE: return CCODING_MORE;
  case CDEFLATE_BAD: return CCODING_BAD;
  case CDEFLATE_END: decoder->ended = true; return CCODING_DONE;
  case CDEFLATE_DONE: return CCODING_DONE;
  }
  return CCODING_BAD;
}

static ccoding_outcome run_brotli(ccoding_decoder *decoder, uint8_t *output, size_t capacity, size_t *written) {
  // Nothing may follow the end.
  if (decoder->ended) return decoder->left > 0 ? CCODING_BAD : CCODING_DONE;
  size_t room = capacity;
  BrotliDecoderResult result =
    BrotliDecoderDecompressStream(decoder->brotli, &decoder->left, &decoder->next, &room, &output, NULL);
  *written = capacity - room;
  switch (result) {
  case BROTLI_DECODER_RESULT_ERROR: return CCODING_BAD;
  case BROTLI_DECODER_RESULT_SUCCESS:
    decoder->ended = true;
    return decoder->left > 0 ? CCODING_BAD : CCODING_DONE;
  case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: return CCODING_MORE;
  case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT: return CCODING_DONE;
  }
  return CCODING_BAD;
}

static ccoding_outcome run_zstd(ccoding_decoder *decoder, void *output, size_t capacity, size_t *written) {
  ZSTD_inBuffer in = {decoder->next, decoder->left, 0};
  ZSTD_outBuffer out = {output, capacity, 0};
  // After the end of a frame there may be another one.
  do {
    size_t rest = ZSTD_decompressStream(decoder->zstd, &out, &in);
    if (ZSTD_isError(rest)) return CCODING_BAD;
    decoder->ended = rest == 0;
  } while (in.pos < in.size && out.pos < out.size);
  decoder->next += in.pos;
  decoder->left -= in.pos;
  *written = out.pos;
  // A full output may have left something in the decoder.
  return decoder->left > 0 || (out.pos == out.size && !decoder->ended) ? CCODING_MORE : CCODING_DONE;
}

ccoding_outcome ccoding_decoder_run(ccoding_decoder *decoder, void *output, size_t capacity, size_t *written) {
  *written = 0;
  switch (decoder->kind) {
  case CCODING_GZIP:
  case CCODING_DEFLATE: return run_deflate(decoder, output, capacity, written);
  case CCODING_BROTLI: return run_brotli(decoder, output, capacity, written);
  case CCODING_ZSTD: return run_zstd(decoder, output, capacity, written);
  }
  return CCODING_BAD;
}
