// fread(3), fgets(3), getdelim(3), getline(3), fgetc(3) and its kin, on streams that can block.

#include "streams.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#undef getc
#undef getchar
#undef getc_unlocked
#undef getchar_unlocked
#undef fgetc_unlocked
#undef fread_unlocked
#undef getline

extern int __uflow(FILE *);
extern int __underflow(FILE *);
extern void __chk_fail(void) __attribute__((noreturn));
int _IO_getc(FILE *stream);
size_t __fread_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream);
size_t __fread_unlocked_chk(void *buffer, size_t room, size_t size, size_t count, FILE *stream);
char *__fgets_chk(char *buffer, size_t room, int size, FILE *stream);
char *__fgets_unlocked_chk(char *buffer, size_t room, int size, FILE *stream);

REAL(__uflow)
REAL(__underflow)
REAL(fread)
REAL(fread_unlocked)
REAL(fgets)
REAL(fgets_unlocked)
REAL(getdelim)
REAL(fgetc)
REAL(fgetc_unlocked)
REAL(poll)

// ---- Filling the buffer -------------------------------------------------------------------------------------------

// Waits until a read will not block: false with errno and the stream's error flag.
static bool wait_for_input(const green_redirect_table *table, FILE *stream) {
  int fd = stream->_fileno;
  struct waiting waiting = WAITING(table, fd, POLLIN, green_kind_of(fd) == KIND_SOCKET ? SO_RCVTIMEO : 0);
  struct pollfd entry = {.fd = fd, .events = POLLIN};
  while (real_poll()(&entry, 1, 0) == 0) {
    int error = green_wait_to_retry(&waiting);
    if (error == 0) continue;
    if (error == ENDED) return true;
    stream->_flags |= _IO_ERR_SEEN;
    errno = error;
    return false;
  }
  return true;
}

bool green_stream_fill(const green_redirect_table *table, FILE *stream) {
  if (stream_has_input(stream)) return true;
  // After what ungetc(3) put back there may be more in the buffer.
  bool has_more = (stream->_flags & STREAM_IN_BACKUP) != 0 && stream->_IO_save_base < stream->_IO_save_end;
  bool will_read = !has_more && (stream->_flags & (_IO_EOF_SEEN | STREAM_NO_READS)) == 0;
  if (will_read && (stream->_flags & STREAM_PUTTING) != 0 && green_stream_flush(table, stream) != 0) return false;
  if (will_read && !wait_for_input(table, stream)) return false;
  return real___underflow()(stream) != EOF;
}

// ---- The calls, on a locked stream --------------------------------------------------------------------------------

static size_t read_bytes(const green_redirect_table *table, char *bytes, size_t count, FILE *stream) {
  size_t done = 0;
  while (done < count && green_stream_fill(table, stream)) {
    size_t there = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
    size_t piece = there < count - done ? there : count - done;
    memcpy(bytes + done, stream->_IO_read_ptr, piece);
    stream->_IO_read_ptr += piece;
    done += piece;
  }
  return done;
}

static int read_character(const green_redirect_table *table, FILE *stream) {
  return green_stream_fill(table, stream) ? *(unsigned char *)stream->_IO_read_ptr++ : EOF;
}

// One piece of the buffer, up to the delimiter and with it.
static size_t piece_to(const FILE *stream, int delimiter, size_t most, bool *is_end) {
  size_t there = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
  if (there > most) there = most;
  const char *found = memchr(stream->_IO_read_ptr, delimiter, there);
  *is_end = found != NULL;
  return found != NULL ? (size_t)(found - stream->_IO_read_ptr) + 1 : there;
}

static char *read_string(const green_redirect_table *table, char *buffer, int size, FILE *stream) {
  size_t done = 0, most = (size_t)size - 1;
  int had_error = stream->_flags & _IO_ERR_SEEN;
  stream->_flags &= ~_IO_ERR_SEEN;
  bool is_end = false;
  while (!is_end && done < most && green_stream_fill(table, stream)) {
    size_t piece = piece_to(stream, '\n', most - done, &is_end);
    memcpy(buffer + done, stream->_IO_read_ptr, piece);
    stream->_IO_read_ptr += piece;
    done += piece;
  }
  // As glibc: what was read before an error is lost, except for one that says "not now".
  bool failed = (done == 0 && most > 0) || ((stream->_flags & _IO_ERR_SEEN) != 0 && errno != EAGAIN);
  stream->_flags |= had_error;
  if (failed) return NULL;
  buffer[done] = 0;
  return buffer;
}

static ssize_t read_line(const green_redirect_table *table, char **line, size_t *room, int delimiter, FILE *stream) {
  if (line == NULL || room == NULL) {
    errno = EINVAL;
    return -1;
  }
  size_t done = 0;
  bool is_end = false;
  if (*line == NULL) *room = 0;
  while (!is_end && green_stream_fill(table, stream)) {
    size_t piece = piece_to(stream, delimiter, SIZE_MAX, &is_end);
    if (piece >= (size_t)SSIZE_MAX - done) {
      errno = EOVERFLOW;
      return -1;
    }
    size_t needed = done + piece + 1;
    if (needed > *room) {
      size_t grown = needed < 120 ? 120 : needed < 2 * *room ? 2 * *room : needed;
      char *larger = realloc(*line, grown);
      if (larger == NULL) return -1;
      *line = larger;
      *room = grown;
    }
    memcpy(*line + done, stream->_IO_read_ptr, piece);
    stream->_IO_read_ptr += piece;
    done += piece;
  }
  if (done == 0) return -1;
  (*line)[done] = 0;
  return (ssize_t)done;
}

// ---- The entry points ---------------------------------------------------------------------------------------------

// Of a file.
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
  const green_redirect_table *table = size * count > 0 ? green_stream_table(stream, &held) : NULL;
  const green_redirect_table *pieces = table == NULL && held == NULL ? stream_pieces_table(size, count) : NULL;
  if (table == NULL && pieces == NULL) return real_fread()(buffer, size, count, stream);
  green_lock_stream(table != NULL ? table : pieces, stream);
  size_t done = table != NULL ? read_bytes(table, buffer, size * count, stream)
                              : read_in_pieces(buffer, size * count, stream);
  green_unlock_stream(stream);
  return done / size;
}

REDIRECTED size_t fread_unlocked(void *restrict buffer, size_t size, size_t count, FILE *restrict stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = size * count > 0 ? green_stream_table(stream, &held) : NULL;
  if (table == NULL && held == NULL && stream_pieces_table(size, count) != NULL) {
    return read_in_pieces(buffer, size * count, stream) / size;
  }
  if (table == NULL) return real_fread_unlocked()(buffer, size, count, stream);
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

REDIRECTED char *fgets(char *restrict buffer, int size, FILE *restrict stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = size > 1 ? green_stream_table(stream, &held) : NULL;
  if (table == NULL) return real_fgets()(buffer, size, stream);
  green_lock_stream(table, stream);
  char *result = read_string(table, buffer, size, stream);
  green_unlock_stream(stream);
  return result;
}

REDIRECTED char *fgets_unlocked(char *restrict buffer, int size, FILE *restrict stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = size > 1 ? green_stream_table(stream, &held) : NULL;
  if (table == NULL) return real_fgets_unlocked()(buffer, size, stream);
  return read_string(table, buffer, size, stream);
}

REDIRECTED char *__fgets_chk(char *buffer, size_t room, int size, FILE *stream) {
  if (size > 0 && (size_t)size > room) __chk_fail();
  return fgets(buffer, size, stream);
}

REDIRECTED char *__fgets_unlocked_chk(char *buffer, size_t room, int size, FILE *stream) {
  if (size > 0 && (size_t)size > room) __chk_fail();
  return fgets_unlocked(buffer, size, stream);
}

REDIRECTED ssize_t getdelim(char **restrict line, size_t *restrict room, int delimiter, FILE *restrict stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = green_stream_table(stream, &held);
  if (table == NULL) return real_getdelim()(line, room, delimiter, stream);
  green_lock_stream(table, stream);
  ssize_t result = read_line(table, line, room, delimiter, stream);
  green_unlock_stream(stream);
  return result;
}

REDIRECTED ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict stream) {
  return getdelim(line, room, '\n', stream);
}

REDIRECTED int fgetc(FILE *stream) {
  // The usual case has nothing to wait for.
  if (stream_has_input(stream) && !green_holds_anything()) return real_fgetc()(stream);
  STREAM_HELD(held);
  const green_redirect_table *table = green_stream_table(stream, &held);
  if (table == NULL) return real_fgetc()(stream);
  green_lock_stream(table, stream);
  int result = read_character(table, stream);
  green_unlock_stream(stream);
  return result;
}

REDIRECTED int getchar(void) { return fgetc(stdin); }

REDIRECTED int fgetc_unlocked(FILE *stream) {
  if (stream_has_input(stream)) return real_fgetc_unlocked()(stream);
  STREAM_HELD(held);
  const green_redirect_table *table = green_stream_table(stream, &held);
  return table == NULL ? real_fgetc_unlocked()(stream) : read_character(table, stream);
}

REDIRECTED int getchar_unlocked(void) { return fgetc_unlocked(stdin); }

// What the macro getc_unlocked calls when the buffer is empty.
REDIRECTED int __uflow(FILE *stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = green_stream_table(stream, &held);
  return table == NULL ? real___uflow()(stream) : read_character(table, stream);
}

ALIAS(getdelim, __getdelim)
ALIAS(fgetc, getc)
ALIAS(fgetc, _IO_getc)
ALIAS(fgetc_unlocked, getc_unlocked)
ALIAS(fread, _IO_fread)
ALIAS(fgets, _IO_fgets)
