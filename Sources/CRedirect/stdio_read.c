// fread(3) and its kin, on streams that can block.

#include "streams.h"

#include <string.h>

#undef fread_unlocked

extern void __chk_fail(void) __attribute__((noreturn));
size_t __fread_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream);
size_t __fread_unlocked_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream);

REAL(fread)
REAL(fread_unlocked)

// On a stream that is locked.
static size_t read_bytes(const credirect_table *table, char *bytes, size_t count, FILE *stream) {
  size_t done = 0;
  while (done < count && credirect_stream_fill(table, stream)) {
    size_t there = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
    size_t piece = there < count - done ? there : count - done;
    memcpy(bytes + done, stream->_IO_read_ptr, piece);
    stream->_IO_read_ptr += piece;
    done += piece;
  }
  return done;
}

// Of a file: what is little in one call.
static size_t read_at_once(void *buffer, size_t size, size_t count, FILE *stream, __typeof__(fread) *real) {
  size_t got = real(buffer, size, count, stream);
  spend_bytes((ssize_t)(got * size));
  return got;
}

// And what is much.
static size_t read_in_pieces(char *bytes, size_t count, FILE *stream) {
  size_t done = 0, got;
  do {
    size_t piece = count - done < STREAM_PIECE ? count - done : STREAM_PIECE;
    got = real_fread_unlocked()(bytes + done, 1, piece, stream);
    done += got;
    spend_bytes((ssize_t)got);
    spending_table(-1);
    if (got < piece) break;
  } while (done < count);
  return done;
}

REDIRECTED size_t fread(void *restrict buffer, size_t size, size_t count, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = size * count > 0 ? credirect_stream_table(stream, &held) : NULL;
  const credirect_table *pieces = table == NULL && held == NULL ? stream_pieces_table(size, count) : NULL;
  if (table == NULL && pieces == NULL) return read_at_once(buffer, size, count, stream, real_fread());
  credirect_lock_stream(table != NULL ? table : pieces, stream);
  size_t done = table != NULL ? read_bytes(table, buffer, size * count, stream)
                              : read_in_pieces(buffer, size * count, stream);
  credirect_unlock_stream(stream);
  return done / size;
}

REDIRECTED size_t fread_unlocked(void *restrict buffer, size_t size, size_t count, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = size * count > 0 ? credirect_stream_table(stream, &held) : NULL;
  if (table == NULL && held == NULL && stream_pieces_table(size, count) != NULL) {
    return read_in_pieces(buffer, size * count, stream) / size;
  }
  if (table == NULL) return read_at_once(buffer, size, count, stream, real_fread_unlocked());
  return read_bytes(table, buffer, size * count, stream) / size;
}

static void check_room(size_t room, size_t size, size_t count) {
  size_t bytes;
  if (__builtin_mul_overflow(size, count, &bytes) || bytes > room) __chk_fail();
}

REDIRECTED size_t __fread_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream) {
  check_room(room, size, count);
  return fread(buffer, size, count, stream);
}

REDIRECTED size_t __fread_unlocked_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream) {
  check_room(room, size, count);
  return fread_unlocked(buffer, size, count, stream);
}

ALIAS(fread, _IO_fread)
