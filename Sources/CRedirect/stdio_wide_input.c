// fgetwc(3), fgetws(3) and their kin, on streams that can block.
//
// glibc reads bytes into the stream's buffer and converts what is there. It reads again where that is only a part of a
// character: so the bytes are read here, until one is whole, and the conversion alone is glibc's.

#include "stdio_calls.h"

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

bool credirect_wide_fill(const credirect_table *table, FILE *stream) {
  (void)table;
  if (wide_has_input(stream)) return true;
  struct wide_data *wide = wide_data_of(stream);
  // After what ungetwc(3) put back there may be more in the buffer.
  bool has_more = (stream->_flags & STREAM_IN_BACKUP) != 0 && wide->save_base < wide->save_end;
  if (has_more || (stream->_flags & (_IO_EOF_SEEN | STREAM_NO_READS)) != 0) return real___wunderflow()(stream) != WEOF;
  if ((stream->_flags & STREAM_PUTTING) != 0) {
    if (credirect_wide_flush(stream) != 0 || _IO_switch_to_wget_mode(stream) != 0) return false;
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

static wint_t read_character(const credirect_table *table, FILE *stream) {
  return credirect_wide_fill(table, stream) ? (wint_t)*wide_data_of(stream)->read_ptr++ : WEOF;
}

static wchar_t *read_string(const credirect_table *table, wchar_t *buffer, int size, FILE *stream) {
  size_t done = 0, most = (size_t)size - 1;
  int had_error = begin_string(stream);
  while (done < most && (done == 0 || buffer[done - 1] != L'\n')) {
    wint_t character = read_character(table, stream);
    if (character == WEOF) break;
    buffer[done++] = (wchar_t)character;
  }
  if (!end_string(stream, had_error, done == 0 && most > 0)) return NULL;
  buffer[done] = 0;
  return buffer;
}

// ---- The entry points ---------------------------------------------------------------------------------------------

static inline bool has_wide_input(const FILE *stream) { return stream->_mode > 0 && wide_has_input(stream); }

CHARACTER_CALLS(wint_t, has_wide_input, credirect_wide_table, fgetwc, fgetwc_unlocked, __wuflow)
STRING_CALLS(wchar_t, credirect_wide_table, fgetws, fgetws_unlocked)

REDIRECTED wint_t getwchar(void) { return fgetwc(stdin); }
REDIRECTED wint_t getwchar_unlocked(void) { return fgetwc_unlocked(stdin); }

ALIAS(fgetwc, getwc)
ALIAS(fgetwc_unlocked, getwc_unlocked)
