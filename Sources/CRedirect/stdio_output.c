// fwrite(3), fputs(3), puts(3), fputc(3) and its kin, fflush(3), on streams that can block.

#include "streams.h"

#include <string.h>
#include <unistd.h>

#undef putc
#undef putchar
#undef putc_unlocked
#undef putchar_unlocked
#undef fputc_unlocked
#undef fwrite_unlocked

extern int __overflow(FILE *, int);
int _IO_putc(int character, FILE *stream);

REAL(__overflow)
REAL(fwrite)
REAL(fwrite_unlocked)
REAL(fputs)
REAL(fputs_unlocked)
REAL(puts)
REAL(fputc)
REAL(fputc_unlocked)
REAL(fflush)
REAL(fflush_unlocked)

// ---- Writing out --------------------------------------------------------------------------------------------------

size_t credirect_stream_write_out(FILE *stream, const char *bytes, size_t count) {
  size_t done = 0;
  while (done < count) {
    ssize_t written = write(stream->_fileno, bytes + done, count - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      stream->_flags |= _IO_ERR_SEEN;
      break;
    }
    done += (size_t)written;
  }
  return done;
}

int credirect_stream_flush(const credirect_table *table, FILE *stream) {
  (void)table;
  if ((stream->_flags & STREAM_PUTTING) == 0) return 0;
  size_t pending = (size_t)(stream->_IO_write_ptr - stream->_IO_write_base);
  if (pending == 0) return 0;
  size_t done = credirect_stream_write_out(stream, stream->_IO_write_base, pending);
  size_t rest = done < pending && is_interruption(errno) ? pending - done : 0;
  // As glibc leaves the stream after a write, which on any other error has lost the rest.
  char *base = stream->_IO_buf_base;
  memmove(base, stream->_IO_write_base + done, rest);
  stream->_IO_read_base = stream->_IO_read_ptr = stream->_IO_read_end = base;
  stream->_IO_write_base = base;
  stream->_IO_write_ptr = base + rest;
  bool has_macro = (stream->_flags & (STREAM_LINE_BUFFERED | STREAM_UNBUFFERED)) == 0;
  stream->_IO_write_end = has_macro ? stream->_IO_buf_end : base;
  return done == pending ? 0 : EOF;
}

static void copy(FILE *stream, const char *bytes, size_t count) {
  memcpy(stream->_IO_write_ptr, bytes, count);
  stream->_IO_write_ptr += count;
}

// The first bytes leave the process, together with what was written before.
static size_t write_through(const credirect_table *table, FILE *stream, const char *bytes, size_t count) {
  if (count <= (size_t)(stream->_IO_buf_end - stream->_IO_write_ptr)) {
    copy(stream, bytes, count);
    return credirect_stream_flush(table, stream) == 0 ? count : 0;
  }
  if (credirect_stream_flush(table, stream) != 0) return 0;
  return credirect_stream_write_out(stream, bytes, count);
}

static const char *last_newline(const char *bytes, size_t count) { return memrchr(bytes, '\n', count); }

size_t credirect_stream_write(const credirect_table *table, FILE *stream, const char *bytes, size_t count) {
  if (count == 0) return 0;
  // Makes the stream's buffer, and gets it ready for output; nothing is pending that it could write.
  if ((stream->_flags & STREAM_PUTTING) == 0 && real___overflow()(stream, EOF) == EOF) return 0;
  size_t through = 0;
  size_t room = (size_t)(stream->_IO_buf_end - stream->_IO_write_ptr);
  if ((stream->_flags & STREAM_UNBUFFERED) != 0) {
    through = count;
  } else if ((stream->_flags & STREAM_LINE_BUFFERED) != 0) {
    const char *end = last_newline(bytes, count);
    through = end != NULL ? (size_t)(end - bytes) + 1 : 0;
  }
  if (count - through > (through > 0 ? (size_t)(stream->_IO_buf_end - stream->_IO_buf_base) : room)) through = count;
  if (through > 0) {
    size_t done = write_through(table, stream, bytes, through);
    if (done < through) return done;
  }
  copy(stream, bytes + through, count - through);
  return count;
}

// ---- The entry points ---------------------------------------------------------------------------------------------

static size_t write_locked(const credirect_table *table, FILE *stream, const char *bytes, size_t count) {
  credirect_lock_stream(table, stream);
  size_t done = credirect_stream_write(table, stream, bytes, count);
  credirect_unlock_stream(stream);
  return done;
}

// To a file: what is little in one call.
static size_t write_at_once(const void *bytes, size_t size, size_t count, FILE *stream, __typeof__(fwrite) *real) {
  size_t put = real(bytes, size, count, stream);
  spend_bytes((ssize_t)(put * size));
  return put;
}

// And what is much.
static size_t write_in_pieces(const char *bytes, size_t count, FILE *stream) {
  size_t done = 0, put;
  do {
    size_t piece = count - done < STREAM_PIECE ? count - done : STREAM_PIECE;
    put = real_fwrite_unlocked()(bytes + done, 1, piece, stream);
    done += put;
    spend_bytes((ssize_t)put);
    spending_table(-1);
    if (put < piece) break;
  } while (done < count);
  return done;
}

REDIRECTED size_t fwrite(const void *restrict bytes, size_t size, size_t count, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = size * count > 0 ? credirect_stream_table(stream, &held) : NULL;
  if (table != NULL) return write_locked(table, stream, bytes, size * count) / size;
  const credirect_table *pieces = held == NULL ? stream_pieces_table(size, count) : NULL;
  if (pieces == NULL) return write_at_once(bytes, size, count, stream, real_fwrite());
  credirect_lock_stream(pieces, stream);
  size_t done = write_in_pieces(bytes, size * count, stream);
  credirect_unlock_stream(stream);
  return done / size;
}

REDIRECTED size_t fwrite_unlocked(const void *restrict bytes, size_t size, size_t count, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = size * count > 0 ? credirect_stream_table(stream, &held) : NULL;
  if (table == NULL && held == NULL && stream_pieces_table(size, count) != NULL) {
    return write_in_pieces(bytes, size * count, stream) / size;
  }
  if (table == NULL) return write_at_once(bytes, size, count, stream, real_fwrite_unlocked());
  return credirect_stream_write(table, stream, bytes, size * count) / size;
}

REDIRECTED int fputs(const char *restrict text, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) return real_fputs()(text, stream);
  size_t length = strlen(text);
  return write_locked(table, stream, text, length) == length ? 1 : EOF;
}

REDIRECTED int fputs_unlocked(const char *restrict text, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) return real_fputs_unlocked()(text, stream);
  size_t length = strlen(text);
  return credirect_stream_write(table, stream, text, length) == length ? 1 : EOF;
}

REDIRECTED int puts(const char *text) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stdout, &held);
  if (table == NULL) return real_puts()(text);
  size_t length = strlen(text);
  credirect_lock_stream(table, stdout);
  bool is_out = credirect_stream_write(table, stdout, text, length) == length &&
                credirect_stream_write(table, stdout, "\n", 1) == 1;
  credirect_unlock_stream(stdout);
  return is_out ? (int)length + 1 : EOF;
}

static int put(const credirect_table *table, int character, FILE *stream) {
  char byte = (char)character;
  return credirect_stream_write(table, stream, &byte, 1) == 1 ? (unsigned char)byte : EOF;
}

REDIRECTED int fputc(int character, FILE *stream) {
  // The usual case has nothing to wait for.
  if (stream->_IO_write_ptr < stream->_IO_write_end && !credirect_holds_anything())
    return real_fputc()(character, stream);
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) return real_fputc()(character, stream);
  credirect_lock_stream(table, stream);
  int result = put(table, character, stream);
  credirect_unlock_stream(stream);
  return result;
}

REDIRECTED int putchar(int character) { return fputc(character, stdout); }

REDIRECTED int fputc_unlocked(int character, FILE *stream) {
  if (stream->_IO_write_ptr < stream->_IO_write_end) return real_fputc_unlocked()(character, stream);
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  return table == NULL ? real_fputc_unlocked()(character, stream) : put(table, character, stream);
}

REDIRECTED int putchar_unlocked(int character) { return fputc_unlocked(character, stdout); }

// What the macro putc_unlocked calls when the buffer is full, or at the end of a line.
REDIRECTED int __overflow(FILE *stream, int character) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) return real___overflow()(stream, character);
  return character == EOF ? credirect_stream_flush(table, stream) : put(table, character, stream);
}

static int flush_of_any(const credirect_table *table, FILE *stream) {
  if (stream->_mode <= 0) return credirect_stream_flush(table, stream);
  // The real call, which comes after this one, knows the stream's own set.
  return credirect_has_own_set(stream) ? 0 : credirect_wide_flush(stream);
}

static int flush(FILE *stream, FILE **held) {
  const credirect_table *table = credirect_any_stream_table(stream, held);
  if (table == NULL) return 0;
  credirect_lock_stream(table, stream);
  int result = flush_of_any(table, stream);
  credirect_unlock_stream(stream);
  return result;
}

// What is left to do after our own flush does not write, except where a function of the program does.
static int flush_one(FILE *stream) {
  STREAM_HELD(held);
  return flush(stream, &held) != 0 ? EOF : real_fflush()(stream);
}

REDIRECTED int fflush(FILE *stream) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_fflush()(stream);
  if (stream != NULL) return flush_one(stream);
  // All streams: those that every program has may well be pipes.
  bool failed = flush_one(stdout) != 0;
  failed = flush_one(stderr) != 0 || failed;
  if (failed) return EOF;
  return credirect_flush_all(table);
}

REDIRECTED int fflush_unlocked(FILE *stream) {
  STREAM_HELD(held);
  const credirect_table *table = stream != NULL ? credirect_any_stream_table(stream, &held) : NULL;
  if (table != NULL && flush_of_any(table, stream) != 0) return EOF;
  return stream == NULL ? fflush(NULL) : real_fflush_unlocked()(stream);
}

ALIAS(fputc, putc)
ALIAS(fputc, _IO_putc)
ALIAS(fputc_unlocked, putc_unlocked)
ALIAS(fwrite, _IO_fwrite)
ALIAS(fputs, _IO_fputs)
ALIAS(puts, _IO_puts)
ALIAS(fflush, _IO_fflush)
