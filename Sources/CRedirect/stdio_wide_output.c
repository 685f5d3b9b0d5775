// fputwc(3), fputws(3) and their kin, on streams that can block.
//
// The characters lie in the stream's wide buffer; they are converted, and the bytes written by the redirected write.

#include "streams.h"

#include <iconv.h>
#include <langinfo.h>
#include <string.h>

#undef putwc
#undef putwchar
#undef putwc_unlocked
#undef putwchar_unlocked
#undef fputwc_unlocked

extern wint_t __woverflow(FILE *, wint_t);

REAL(__woverflow)
REAL(fputwc)
REAL(fputwc_unlocked)
REAL(fputws)
REAL(fputws_unlocked)

// ---- Writing out --------------------------------------------------------------------------------------------------

// The most bytes that one character may become.
#define LONGEST 32

// What stands for a character that the locale's set does not have, as on glibc's streams: -1 where nothing does.
static size_t transliterate(wchar_t character, char *bytes) {
  char set[64];
  snprintf(set, sizeof set, "%s//TRANSLIT", nl_langinfo(CODESET));
  iconv_t conversion = iconv_open(set, "WCHAR_T");
  if (conversion == (iconv_t)-1) return (size_t)-1;
  char *in = (char *)&character, *out = bytes;
  size_t left = sizeof character, room = LONGEST;
  bool failed = iconv(conversion, &in, &left, &out, &room) == (size_t)-1;
  iconv_close(conversion);
  if (failed) errno = EILSEQ;
  return failed ? (size_t)-1 : LONGEST - room;
}

// Converts characters from `*from` on, as many as fit, and moves it: how many bytes. One that cannot be converted is an
// error, and is skipped with all that follow.
static size_t convert(struct wide_data *wide, const wchar_t **from, char *bytes, size_t room, bool *failed) {
  size_t count = 0;
  while (*from < wide->write_ptr && room - count >= LONGEST) {
    mbstate_t state = wide->state;
    int saved = errno;
    size_t length = wcrtomb(bytes + count, **from, &wide->state);
    if (length == (size_t)-1) {
      wide->state = state;
      length = transliterate(**from, bytes + count);
      if (length != (size_t)-1) errno = saved;
    }
    *failed = length == (size_t)-1;
    if (*failed) break;
    count += length;
    *from += 1;
  }
  return count;
}

// As glibc leaves the stream after a write: with what is kept of its characters.
static void keep_from(FILE *stream, const wchar_t *from) {
  struct wide_data *wide = wide_data_of(stream);
  size_t rest = (size_t)(wide->write_ptr - from);
  memmove(wide->buffer, from, rest * sizeof *from);
  wide->read_base = wide->read_ptr = wide->read_end = wide->buffer;
  wide->write_base = wide->buffer;
  wide->write_ptr = wide->buffer + rest;
  bool has_macro = (stream->_flags & (STREAM_LINE_BUFFERED | STREAM_UNBUFFERED)) == 0;
  wide->write_end = has_macro ? wide->buffer_end : wide->buffer;
}

int credirect_wide_flush(FILE *stream) {
  struct wide_data *wide = wide_data_of(stream);
  if ((stream->_flags & STREAM_PUTTING) == 0 || wide == NULL || wide->write_ptr == wide->write_base) return 0;
  const wchar_t *from = wide->write_base;
  bool failed = false;
  while (from < wide->write_ptr && !failed) {
    const wchar_t *first = from;
    const mbstate_t before = wide->state;
    char bytes[512];
    size_t count = convert(wide, &from, bytes, sizeof bytes, &failed);
    size_t done = credirect_stream_write_out(stream, bytes, count);
    if (done == count) continue;
    failed = true;
    // On any other error the rest is lost, as glibc's is.
    if (!is_interruption(errno)) break;
    // What a part has been written of is written as well as it can be.
    wide->state = before;
    for (from = first; done > 0; from++) {
      size_t length = wcrtomb(bytes, *from, &wide->state);
      done -= length < done ? length : done; // also of one that was not converted so
    }
    keep_from(stream, from);
    return EOF;
  }
  if (failed && errno == EILSEQ) stream->_flags |= _IO_ERR_SEEN;
  keep_from(stream, wide->write_ptr);
  return failed ? EOF : 0;
}

static wint_t put(FILE *stream, wchar_t character) {
  struct wide_data *wide = wide_data_of(stream);
  // Makes the stream's buffers, and gets it ready for output; nothing is pending that it could write.
  bool is_ready = (stream->_flags & STREAM_PUTTING) != 0 && wide->write_base != NULL;
  if (!is_ready && real___woverflow()(stream, WEOF) == WEOF) return WEOF;
  if (wide->write_ptr == wide->buffer_end && credirect_wide_flush(stream) != 0) return WEOF;
  *wide->write_ptr++ = character;
  bool leaves = (stream->_flags & STREAM_UNBUFFERED) != 0
    || ((stream->_flags & STREAM_LINE_BUFFERED) != 0 && character == L'\n');
  return leaves && credirect_wide_flush(stream) != 0 ? WEOF : (wint_t)character;
}

size_t credirect_wide_write(FILE *stream, const wchar_t *text, size_t count) {
  size_t done = 0;
  while (done < count && put(stream, text[done]) != WEOF) done++;
  return done;
}

// ---- The entry points ---------------------------------------------------------------------------------------------

static bool has_room(const FILE *stream) {
  const struct wide_data *wide = wide_data_of(stream);
  return stream->_mode > 0 && wide->write_ptr < wide->write_end;
}

REDIRECTED wint_t fputwc(wchar_t character, FILE *stream) {
  // The usual case has nothing to wait for.
  if (has_room(stream) && !credirect_holds_anything()) return real_fputwc()(character, stream);
  STREAM_HELD(held);
  const credirect_table *table = credirect_wide_table(stream, &held);
  if (table == NULL) return real_fputwc()(character, stream);
  credirect_lock_stream(table, stream);
  wint_t result = put(stream, character);
  credirect_unlock_stream(stream);
  return result;
}

REDIRECTED wint_t putwchar(wchar_t character) { return fputwc(character, stdout); }

REDIRECTED wint_t fputwc_unlocked(wchar_t character, FILE *stream) {
  if (has_room(stream)) return real_fputwc_unlocked()(character, stream);
  STREAM_HELD(held);
  const credirect_table *table = credirect_wide_table(stream, &held);
  return table == NULL ? real_fputwc_unlocked()(character, stream) : put(stream, character);
}

REDIRECTED wint_t putwchar_unlocked(wchar_t character) { return fputwc_unlocked(character, stdout); }

REDIRECTED wint_t __woverflow(FILE *stream, wint_t character) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_wide_table(stream, &held);
  if (table == NULL) return real___woverflow()(stream, character);
  return character == WEOF ? (credirect_wide_flush(stream) == 0 ? 0 : WEOF) : put(stream, (wchar_t)character);
}

REDIRECTED int fputws(const wchar_t *restrict text, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_wide_table(stream, &held);
  if (table == NULL) return real_fputws()(text, stream);
  size_t length = wcslen(text);
  credirect_lock_stream(table, stream);
  size_t done = credirect_wide_write(stream, text, length);
  credirect_unlock_stream(stream);
  return done == length ? 1 : EOF;
}

REDIRECTED int fputws_unlocked(const wchar_t *restrict text, FILE *restrict stream) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_wide_table(stream, &held);
  if (table == NULL) return real_fputws_unlocked()(text, stream);
  size_t length = wcslen(text);
  return credirect_wide_write(stream, text, length) == length ? 1 : EOF;
}

ALIAS(fputwc, putwc)
ALIAS(fputwc_unlocked, putwc_unlocked)
