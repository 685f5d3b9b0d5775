// fgetwc(3), fgetws(3) and their kin, on streams that can block.
//
// glibc reads bytes into the stream's buffer and converts what is there. It reads again where that is only a part of a
// character: so the bytes are read here, until one is whole, and the conversion alone is glibc's.

#include "streams.h"

#include <string.h>
#include <unistd.h>

#undef getwc
#undef getwchar
#undef getwc_unlocked
#undef getwchar_unlocked
#undef fgetwc_unlocked

extern wint_t __wuflow(FILE *);
extern wint_t __wunderflow(FILE *);
extern void _IO_doallocbuf(FILE *);
extern void _IO_wdoallocbuf(FILE *);
extern int _IO_switch_to_wget_mode(FILE *);
extern void __chk_fail(void) __attribute__((noreturn));
wchar_t *__fgetws_chk(wchar_t *buffer, size_t room, int size, FILE *stream);
wchar_t *__fgetws_unlocked_chk(wchar_t *buffer, size_t room, int size, FILE *stream);

REAL(__wuflow)
REAL(__wunderflow)
REAL(fgetwc)
REAL(fgetwc_unlocked)
REAL(fgetws)
REAL(fgetws_unlocked)

// ---- Filling the buffer -------------------------------------------------------------------------------------------

// Whether the bytes that are there begin with a whole character, or with what is none.
static bool has_character(FILE *stream) {
  if (!stream_has_input(stream)) return false;
  mbstate_t state = wide_data_of(stream)->state;
  return mbrlen(stream->_IO_read_ptr, (size_t)(stream->_IO_read_end - stream->_IO_read_ptr), &state) != (size_t)-2;
}

static void keep_bytes(FILE *stream, size_t count) {
  char *base = stream->_IO_buf_base;
  stream->_IO_read_base = stream->_IO_read_ptr = base;
  stream->_IO_read_end = base + count;
  stream->_IO_write_base = stream->_IO_write_ptr = stream->_IO_write_end = base;
}

// The end, or an error: the end in the middle of a character is one, where its beginning was read by the same call.
static void note_end(FILE *stream, bool has_failed, bool is_within) {
  stream->_flags |= has_failed || is_within ? _IO_ERR_SEEN : _IO_EOF_SEEN;
  if (!has_failed && is_within) errno = EILSEQ;
}

// Reads bytes after those that are there, waiting for them. False at the end, or with an error.
static bool read_bytes(FILE *stream, bool is_within) {
  char *base = stream->_IO_buf_base;
  size_t rest = (size_t)(stream->_IO_read_end - stream->_IO_read_ptr);
  memmove(base, stream->_IO_read_ptr, rest);
  keep_bytes(stream, rest);
  ssize_t count = read(stream->_fileno, base + rest, (size_t)(stream->_IO_buf_end - base) - rest);
  if (count > 0) {
    stream->_IO_read_end += count;
    if (stream->_offset >= 0) stream->_offset += count;
    return true;
  }
  if (count == 0) keep_bytes(stream, 0);
  note_end(stream, count < 0, is_within);
  return false;
}

// On a stream without a buffer: the rest of the character that its one byte begins, into the wide buffer.
static bool read_rest(FILE *stream) {
  struct wide_data *wide = wide_data_of(stream);
  mbstate_t state = {0};
  char byte = *stream->_IO_read_ptr;
  keep_bytes(stream, 0);
  wchar_t character;
  size_t length;
  while ((length = mbrtowc(&character, &byte, 1, &state)) == (size_t)-2) {
    ssize_t count = read(stream->_fileno, &byte, 1);
    if (count > 0) continue;
    note_end(stream, count < 0, true);
    return false;
  }
  if (length == (size_t)-1) {
    note_end(stream, true, true);
    return false;
  }
  wide->read_base = wide->read_ptr = wide->buffer;
  *wide->buffer = character;
  wide->read_end = wide->buffer + 1;
  return true;
}

// What a terminal's reader is to answer to has to be on it.
static void show_prompt(const FILE *stream) {
  bool is_prompted = (stream->_flags & (STREAM_LINE_BUFFERED | STREAM_UNBUFFERED)) != 0;
  if (is_prompted && (stdout->_flags & STREAM_LINE_BUFFERED) != 0) fflush(stdout);
}

bool green_wide_fill(const green_redirect_table *table, FILE *stream) {
  (void)table;
  if (wide_has_input(stream)) return true;
  struct wide_data *wide = wide_data_of(stream);
  // After what ungetwc(3) put back there may be more in the buffer.
  bool has_more = (stream->_flags & STREAM_IN_BACKUP) != 0 && wide->save_base < wide->save_end;
  if (has_more || (stream->_flags & (_IO_EOF_SEEN | STREAM_NO_READS)) != 0) return real___wunderflow()(stream) != WEOF;
  if ((stream->_flags & STREAM_PUTTING) != 0) {
    if (green_wide_flush(stream) != 0 || _IO_switch_to_wget_mode(stream) != 0) return false;
  }
  if (stream->_IO_buf_base == NULL) _IO_doallocbuf(stream);
  if (wide->buffer == NULL) _IO_wdoallocbuf(stream);
  if (!has_character(stream)) show_prompt(stream);
  for (bool is_within = false; !has_character(stream); is_within = true) {
    bool is_full = stream_has_input(stream) && stream->_IO_buf_end - stream->_IO_buf_base == 1;
    if (is_full) return read_rest(stream);
    if (!read_bytes(stream, is_within)) return false;
  }
  return real___wunderflow()(stream) != WEOF;
}

// ---- The calls, on a locked stream --------------------------------------------------------------------------------

static wint_t read_character(const green_redirect_table *table, FILE *stream) {
  return green_wide_fill(table, stream) ? (wint_t)*wide_data_of(stream)->read_ptr++ : WEOF;
}

static wchar_t *read_string(const green_redirect_table *table, wchar_t *buffer, int size, FILE *stream) {
  size_t done = 0, most = (size_t)size - 1;
  int had_error = stream->_flags & _IO_ERR_SEEN;
  stream->_flags &= ~_IO_ERR_SEEN;
  while (done < most && (done == 0 || buffer[done - 1] != L'\n')) {
    wint_t character = read_character(table, stream);
    if (character == WEOF) break;
    buffer[done++] = (wchar_t)character;
  }
  // As glibc: what was read before an error is lost, except for one that says "not now".
  bool failed = (done == 0 && most > 0) || ((stream->_flags & _IO_ERR_SEEN) != 0 && errno != EAGAIN);
  stream->_flags |= had_error;
  if (failed) return NULL;
  buffer[done] = 0;
  return buffer;
}

// ---- The entry points ---------------------------------------------------------------------------------------------

REDIRECTED wint_t fgetwc(FILE *stream) {
  // The usual case has nothing to wait for.
  if (stream->_mode > 0 && wide_has_input(stream) && !green_holds_anything()) return real_fgetwc()(stream);
  STREAM_HELD(held);
  const green_redirect_table *table = green_wide_table(stream, &held);
  if (table == NULL) return real_fgetwc()(stream);
  green_lock_stream(table, stream);
  wint_t result = read_character(table, stream);
  green_unlock_stream(stream);
  return result;
}

REDIRECTED wint_t getwchar(void) { return fgetwc(stdin); }

REDIRECTED wint_t fgetwc_unlocked(FILE *stream) {
  if (stream->_mode > 0 && wide_has_input(stream)) return real_fgetwc_unlocked()(stream);
  STREAM_HELD(held);
  const green_redirect_table *table = green_wide_table(stream, &held);
  return table == NULL ? real_fgetwc_unlocked()(stream) : read_character(table, stream);
}

REDIRECTED wint_t getwchar_unlocked(void) { return fgetwc_unlocked(stdin); }

REDIRECTED wint_t __wuflow(FILE *stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = green_wide_table(stream, &held);
  return table == NULL ? real___wuflow()(stream) : read_character(table, stream);
}

REDIRECTED wchar_t *fgetws(wchar_t *restrict buffer, int size, FILE *restrict stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = size > 1 ? green_wide_table(stream, &held) : NULL;
  if (table == NULL) return real_fgetws()(buffer, size, stream);
  green_lock_stream(table, stream);
  wchar_t *result = read_string(table, buffer, size, stream);
  green_unlock_stream(stream);
  return result;
}

REDIRECTED wchar_t *fgetws_unlocked(wchar_t *restrict buffer, int size, FILE *restrict stream) {
  STREAM_HELD(held);
  const green_redirect_table *table = size > 1 ? green_wide_table(stream, &held) : NULL;
  if (table == NULL) return real_fgetws_unlocked()(buffer, size, stream);
  return read_string(table, buffer, size, stream);
}

REDIRECTED wchar_t *__fgetws_chk(wchar_t *buffer, size_t room, int size, FILE *stream) {
  if (size > 0 && (size_t)size > room) __chk_fail();
  return fgetws(buffer, size, stream);
}

REDIRECTED wchar_t *__fgetws_unlocked_chk(wchar_t *buffer, size_t room, int size, FILE *stream) {
  if (size > 0 && (size_t)size > room) __chk_fail();
  return fgetws_unlocked(buffer, size, stream);
}

ALIAS(fgetwc, getwc)
ALIAS(fgetwc_unlocked, getwc_unlocked)
