// fgets(3), getdelim(3), getline(3), fgetc(3) and its kin, on streams that can block.

#include "stdio_calls.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#undef getc
#undef getchar
#undef getc_unlocked
#undef getchar_unlocked
#undef fgetc_unlocked
#undef getline

extern int __uflow(FILE *);
int _IO_getc(FILE *stream);

REAL(__uflow)
REAL(fgets)
REAL(fgets_unlocked)
REAL(getdelim)
REAL(fgetc)
REAL(fgetc_unlocked)

// ---- The calls, on a locked stream --------------------------------------------------------------------------------

static int read_character(const credirect_table *table, FILE *stream) {
  return credirect_stream_fill(table, stream) ? *(unsigned char *)stream->_IO_read_ptr++ : EOF;
}

// One piece of the buffer, up to the delimiter and with it.
static size_t piece_to(const FILE *stream, int delimiter, size_t most, bool *is_end) {
  size_t there = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
  if (there > most) there = most;
  const char *found = memchr(stream->_IO_read_ptr, delimiter, there);
  *is_end = found != NULL;
  return found != NULL ? (size_t)(found - stream->_IO_read_ptr) + 1 : there;
}

static char *read_string(const credirect_table *table, char *buffer, int size, FILE *stream) {
  size_t done = 0, most = (size_t)size - 1;
  int had_error = begin_string(stream);
  bool is_end = false;
  while (!is_end && done < most && credirect_stream_fill(table, stream)) {
    size_t piece = piece_to(stream, '\n', most - done, &is_end);
    memcpy(buffer + done, stream->_IO_read_ptr, piece);
    stream->_IO_read_ptr += piece;
    done += piece;
  }
  if (!end_string(stream, had_error, done == 0 && most > 0)) return NULL;
  buffer[done] = 0;
  return buffer;
}

static ssize_t read_line(const credirect_table *table, char **line, size_t *room, int delimiter, FILE *stream) {
  if (line == NULL || room == NULL) {
    errno = EINVAL;
    return -1;
  }
  size_t done = 0;
  bool is_end = false;
  if (*line == NULL) *room = 0;
  while (!is_end && credirect_stream_fill(table, stream)) {
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

CHARACTER_CALLS(int, stream_has_input, credirect_stream_table, fgetc, fgetc_unlocked, __uflow)
STRING_CALLS(char, credirect_stream_table, fgets, fgets_unlocked)

REDIRECTED int getchar(void) { return fgetc(stdin); }
REDIRECTED int getchar_unlocked(void) { return fgetc_unlocked(stdin); }

REDIRECTED ssize_t getdelim(char **restrict line, size_t *restrict room, int delimiter, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) {
    ssize_t length = real_getdelim()(line, room, delimiter, stream);
    spend_bytes(length > 0 ? length : 0);
    return length;
  }
  credirect_lock_stream(table, stream);
  ssize_t result = read_line(table, line, room, delimiter, stream);
  credirect_unlock_stream(stream);
  return result;
}

REDIRECTED ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict stream) {
  return getdelim(line, room, '\n', stream);
}

ALIAS(getdelim, __getdelim)
ALIAS(fgetc, getc)
ALIAS(fgetc, _IO_getc)
ALIAS(fgetc_unlocked, getc_unlocked)
ALIAS(fgets, _IO_fgets)
