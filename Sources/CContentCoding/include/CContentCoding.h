// The compressors and decompressors of content codings (RFC 9110, 8.4.1) behind one interface: gzip and deflate by zlib, br (RFC
// 7932) by libbrotlienc and libbrotlidec, zstd (RFC 8878) by libzstd.
#ifndef CCONTENTCODING_H
#define CCONTENTCODING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ccoding_encoder ccoding_encoder;

typedef enum { CCODING_GZIP, CCODING_DEFLATE, CCODING_BROTLI, CCODING_ZSTD } ccoding_kind;

// What is to be done with what the compressor has kept back.
typedef enum {
  CCODING_GO_ON,  // nothing: there is more to come
  CCODING_FLUSH,  // it comes out, so that the reader has all there is so far
  CCODING_FINISH, // the same, and the end
} ccoding_mode;

typedef enum {
  CCODING_MORE, // the output is full, and there may be more
  CCODING_DONE, // all of the input is used, and what was asked for is done
  CCODING_BAD,
} ccoding_outcome;

// A compressor at a level of 1 to 9, which takes no more than about a megabyte; NULL without memory.
ccoding_encoder *ccoding_make(ccoding_kind kind, int level);
void ccoding_free(ccoding_encoder *encoder);
// Makes it one that has compressed nothing, with the memory that it has; 0 where it cannot be used again.
int ccoding_reset(ccoding_encoder *encoder);

// Sets what the next calls read. It must stay where it is until they are done.
void ccoding_input(ccoding_encoder *encoder, const void *bytes, size_t count);
// Writes at most capacity bytes, and tells how many. After CCODING_MORE the call is made again in the same mode.
ccoding_outcome ccoding_run(ccoding_encoder *encoder, ccoding_mode mode, void *output, size_t capacity,
                            size_t *written);

typedef struct ccoding_decoder ccoding_decoder;

// A decompressor, which takes no more than about 16 MB, whatever it is given; NULL without memory.
ccoding_decoder *ccoding_decoder_make(ccoding_kind kind);
void ccoding_decoder_free(ccoding_decoder *decoder);
// As ccoding_input.
void ccoding_decoder_input(ccoding_decoder *decoder, const void *bytes, size_t count);
// Writes at most capacity bytes, and tells how many. CCODING_DONE: all of the input is used, and all that it says has come out.
ccoding_outcome ccoding_decoder_run(ccoding_decoder *decoder, void *output, size_t capacity, size_t *written);
// Whether the content may end after the input so far.
bool ccoding_decoder_ended(const ccoding_decoder *decoder);

#endif
