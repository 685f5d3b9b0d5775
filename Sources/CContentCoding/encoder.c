#include "CContentCoding.h"

#include <brotli/encode.h>
#include <stdint.h>
#include <stdlib.h>
#include <zstd.h>

#include "CDeflate.h"

struct ccoding_encoder {
  ccoding_kind kind;
  union {
    cdeflate_stream *deflate;
    BrotliEncoderState *brotli;
    ZSTD_CCtx *zstd;
  };
  // What is left of the input.
  const uint8_t *next;
  size_t left;
};

// 128 KB: what a response is about. With it brotli takes a megabyte, zstd half of one, zlib a quarter.
enum { window_bits = 17 };

static BrotliEncoderState *make_brotli(int level) {
  BrotliEncoderState *state = BrotliEncoderCreateInstance(NULL, NULL, NULL);
  if (state == NULL) return NULL;
  BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, (uint32_t)level);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, window_bits);
  return state;
}

static ZSTD_CCtx *make_zstd(int level) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  if (context == NULL) return NULL;
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_bits);
  return context;
}

ccoding_encoder *ccoding_make(ccoding_kind kind, int level) {
  ccoding_encoder *encoder = calloc(1, sizeof *encoder);
  if (encoder == NULL) return NULL;
  encoder->kind = kind;
  switch (kind) {
  case CCODING_GZIP: encoder->deflate = cdeflate_compressor(CDEFLATE_GZIP, 15, level); break;
  case CCODING_DEFLATE: encoder->deflate = cdeflate_compressor(CDEFLATE_ZLIB, 15, level); break;
  case CCODING_BROTLI: encoder->brotli = make_brotli(level); break;
  case CCODING_ZSTD: encoder->zstd = make_zstd(level); break;
  }
  if (encoder->deflate != NULL) return encoder;
  free(encoder);
  return NULL;
}

void ccoding_free(ccoding_encoder *encoder) {
  if (encoder == NULL) return;
  switch (encoder->kind) {
  case CCODING_GZIP:
  case CCODING_DEFLATE: cdeflate_free(encoder->deflate); break;
  case CCODING_BROTLI: BrotliEncoderDestroyInstance(encoder->brotli); break;
  case CCODING_ZSTD: ZSTD_freeCCtx(encoder->zstd); break;
  }
  free(encoder);
}

int ccoding_reset(ccoding_encoder *encoder) {
  encoder->left = 0;
  switch (encoder->kind) {
  case CCODING_GZIP:
  case CCODING_DEFLATE: cdeflate_reset(encoder->deflate); return 1;
  case CCODING_BROTLI: return 0;
  case CCODING_ZSTD: return !ZSTD_isError(ZSTD_CCtx_reset(encoder->zstd, ZSTD_reset_session_only));
  }
  return 0;
}

void ccoding_input(ccoding_encoder *encoder, const void *bytes, size_t count) {
  encoder->next = bytes;
  encoder->left = count;
  if (encoder->kind <= CCODING_DEFLATE) cdeflate_input(encoder->deflate, bytes, count);
}

static ccoding_outcome run_deflate(ccoding_encoder *encoder, ccoding_mode mode, void *output, size_t capacity,
                                   size_t *written) {
  static const cdeflate_flush flushes[] = {CDEFLATE_NO_FLUSH, CDEFLATE_SYNC, CDEFLATE_FINISH};
  switch (cdeflate_run(encoder->deflate, flushes[mode], output, capacity, written)) {
  case CDEFLATE_MORE: return CCODING_MORE;
  case CDEFLATE_BAD: return CCODING_BAD;
  default: return CCODING_DONE;
  }
}

static ccoding_outcome run_brotli(ccoding_encoder *encoder, ccoding_mode mode, uint8_t *output, size_t capacity,
                                  size_t *written) {
  static const BrotliEncoderOperation operations[] = {BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
                                                      BROTLI_OPERATION_FINISH};
  size_t room = capacity;
  do {
    if (!BrotliEncoderCompressStream(encoder->brotli, operations[mode], &encoder->left, &encoder->next, &room, &output,
                                     NULL))
      return CCODING_BAD;
  } while (room > 0 && (encoder->left > 0 || BrotliEncoderHasMoreOutput(encoder->brotli)));
  *written = capacity - room;
  int more = encoder->left > 0 || BrotliEncoderHasMoreOutput(encoder->brotli);
  return more ? CCODING_MORE : CCODING_DONE;
}

static ccoding_outcome run_zstd(ccoding_encoder *encoder, ccoding_mode mode, void *output, size_t capacity,
                                size_t *written) {
  static const ZSTD_EndDirective directives[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
  ZSTD_inBuffer in = {encoder->next, encoder->left, 0};
  ZSTD_outBuffer out = {output, capacity, 0};
  size_t rest;
  do {
    rest = ZSTD_compressStream2(encoder->zstd, &out, &in, directives[mode]);
    if (ZSTD_isError(rest)) return CCODING_BAD;
  } while (out.pos < capacity && (in.pos < in.size || (mode != CCODING_GO_ON && rest > 0)));
  encoder->next += in.pos;
  encoder->left -= in.pos;
  *written = out.pos;
  return encoder->left > 0 || (mode != CCODING_GO_ON && rest > 0) ? CCODING_MORE : CCODING_DONE;
}

ccoding_outcome ccoding_run(ccoding_encoder *encoder, ccoding_mode mode, void *output, size_t capacity,
                            size_t *written) {
  *written = 0;
  switch (encoder->kind) {
  case CCODING_GZIP:
  case CCODING_DEFLATE: return run_deflate(encoder, mode, output, capacity, written);
  case CCODING_BROTLI: return run_brotli(encoder, mode, output, capacity, written);
  case CCODING_ZSTD: return run_zstd(encoder, mode, output, capacity, written);
  }
  return CCODING_BAD;
}
