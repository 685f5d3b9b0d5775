// Streams of wide characters, whose bytes come piece by piece, and go where there is little room.

#include "differential.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <wchar.h>

enum { GETWC, GETWC_UNLOCKED, GETWS, SCAN, READERS };
static const char *const readers[] = {"fgetwc", "fgetwc_unlocked", "fgetws", "fwscanf"};

// Pieces of text, each of which comes on its own.
static const char *const texts[][4] = {
    {"a\xc3", "\xa9 \xe2\x82", "\xac\n", "end"}, // é and €, cut
    {"one ", "two\n", "", "3 "},
    {"ok\n", "\xff rest\n", "", ""}, // no character
    {"cut\xc3", "", "", ""},         // the end within one
    {"", "", "", ""},
};
static const char *const text_names[] = {"cut characters", "words", "no character", "an end within one", "nothing"};
#define TEXTS ((int)(sizeof texts / sizeof *texts))

static void feed(struct later *later) {
  for (int i = 0; i < 4; i++) {
    const char *piece = texts[later->count][i];
    if (*piece == '\0') continue;
    if (write(later->fd, piece, strlen(piece)) < 0) break;
    usleep(4000);
  }
  close(later->fd);
}

static bool read_one(struct run *run, FILE *stream) {
  wchar_t text[40] = L"";
  wint_t result;
  switch (run->a) {
  case GETWC:
  case GETWC_UNLOCKED:
    result = run->a == GETWC ? fgetwc(stream) : fgetwc_unlocked(stream);
    note_result(run, readers[run->a], result == WEOF ? -1 : (long)result);
    return result != WEOF;
  case GETWS: {
    bool is_there = fgetws(text, 4, stream) != NULL;
    note_result(run, readers[run->a], is_there ? (long)wcslen(text) : -1);
    for (wchar_t *c = text; *c != 0; c++) note(run, "%x ", (unsigned)*c);
    return is_there;
  }
  default: {
    int count = fwscanf(stream, L"%39ls", text);
    note(run, "fwscanf: %d, %zu\n", count, wcslen(text));
    for (wchar_t *c = text; *c != 0; c++) note(run, "%x ", (unsigned)*c);
    errno = EXDEV;
    return count == 1;
  }
  }
}

static void reading(struct run *run) {
  int ends[2];
  make_ends(run->c / 2 == 0 ? PIPE : UNIX_STREAM, ends);
  set_timeout(ends[0], SO_RCVTIMEO, 20000);
  FILE *stream = fdopen(ends[0], "r");
  setvbuf(stream, NULL, run->c % 2 == 0 ? _IOFBF : _IONBF, run->c % 2 == 0 ? 64 : 0);
  struct later later = {0, feed, ends[1], 0, NULL, (size_t)run->b, 0, 0, 0};
  start_later(&later);
  errno = EXDEV;
  for (int i = 0; i < 30 && read_one(run, stream); i++) {}
  note(run, "end %d, error %d\n", feof(stream) != 0, ferror(stream) != 0);
  end_later(&later);
  fclose(stream);
}

// ---- Writing ------------------------------------------------------------------------------------------------------

static void drain_text(struct later *later) {
  unsigned sum = 5381;
  char bytes[700];
  ssize_t count;
  while ((count = read(later->fd, bytes, sizeof bytes)) > 0) {
    for (ssize_t i = 0; i < count; i++) sum = sum * 33 + (unsigned char)bytes[i];
    later->count += (size_t)count;
    usleep(50);
  }
  later->result = sum;
}

static void note_out(struct run *run, int fd) {
  int there = 0;
  ioctl(fd, FIONREAD, &there);
  note(run, "%d bytes are out\n", there);
}

static const int modes[] = {_IOFBF, _IOLBF, _IONBF};
static const char *const mode_names[] = {"full", "line", "no"};

static void buffering(struct run *run) {
  // A stream keeps the character set that was in force when it became wide.
  locale_t ascii = run->b == 0 ? (locale_t)0 : newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t before = uselocale(ascii);
  int ends[2];
  make_ends(PIPE, ends);
  FILE *stream = fdopen(ends[1], "w");
  setvbuf(stream, NULL, modes[run->a], 64);
  errno = EXDEV;
  note_result(run, "fputws", fputws(L"a\u00e9\nb", stream) < 0 ? -1 : 0);
  note_out(run, ends[0]);
  note_result(run, "fputwc", fputwc(L'\n', stream) == WEOF ? -1 : 0);
  note_out(run, ends[0]);
  note_result(run, "fwprintf", fwprintf(stream, L"%d %ls %s|", 42, L"\u20ac", "c"));
  note_out(run, ends[0]);
  note_result(run, "fputwc_unlocked", fputwc_unlocked(0, stream) == WEOF ? -1 : 0);
  note_result(run, "fflush", fflush(stream));
  note_out(run, ends[0]);
  note_result(run, "fputs", fputs("bytes", stream));
  note_result(run, "fputwc of no character", fputwc((wchar_t)0xffffff00, stream) == WEOF ? -1 : 0);
  note_result(run, "fflush", fflush(stream));
  note(run, "error %d\n", ferror(stream) != 0);
  fclose(stream);
  struct later all = {0, drain_text, ends[0], 0, NULL, 0, 0, 0, 0};
  drain_text(&all);
  note(run, "%zu bytes, sum %ld\n", all.count, all.result);
  close(ends[0]);
  uselocale(before);
  if (ascii != (locale_t)0) freelocale(ascii);
}

static void filling(struct run *run) {
  int ends[2];
  make_ends(run->b == 0 ? PIPE : UNIX_STREAM, ends);
  set_timeout(ends[1], SO_SNDTIMEO, 20000);
  set_timeout(ends[0], SO_RCVTIMEO, 20000);
  FILE *stream = fdopen(ends[1], "w");
  setvbuf(stream, NULL, modes[run->a], 1024);
  struct later later = {5, drain_text, ends[0], 0, NULL, 0, 0, 0, 0};
  start_later(&later);
  int lines = run->a == 2 ? 300 : 3000, good = 0;
  for (int i = 0; i < lines; i++) {
    good += fputws(L"a line of \u20ac and \u00e9, some eighty characters long, so that a pipe fills within a thousand\n", stream) >= 0;
    good += fwprintf(stream, L"%d\n", i) > 0;
  }
  note(run, "%d good, fclose %d\n", good, fclose(stream));
  end_later(&later);
  note(run, "%zu bytes, sum %ld\n", later.count, later.result);
  close(ends[0]);
}

static void both_ways(struct run *run) {
  int ends[2];
  make_ends(UNIX_STREAM, ends);
  FILE *stream = fdopen(ends[0], "r+");
  note_result(run, "fputws", fputws(L"there\n", stream) < 0 ? -1 : 0);
  note_result(run, "fflush", fflush(stream));
  char bytes[20] = "";
  note_result(run, "read", read(ends[1], bytes, sizeof bytes));
  struct later later = {10, send_bytes, ends[1], 0, "back\n", 5, 0, 0, 0};
  start_later(&later);
  wchar_t text[20] = L"";
  note_result(run, "fgetws", fgetws(text, 20, stream) != NULL ? (long)wcslen(text) : -1);
  note_result(run, "ungetwc", ungetwc(L'x', stream) == WEOF ? -1 : 0);
  note_result(run, "fgetwc", (long)fgetwc(stream));
  note_result(run, "fwide", fwide(stream, 0) > 0);
  end_later(&later);
  fclose(stream);
  close(ends[1]);
}

void add_wide(void) {
  setlocale(LC_CTYPE, "C.UTF-8");
  static const char *const ends[] = {"a pipe", "a pipe, unbuffered", "a socket", "a socket, unbuffered"};
  for (int reader = 0; reader < READERS; reader++) {
    for (int text = 0; text < TEXTS; text++) {
      for (int end = 0; end < 4; end++) {
        add(reading, reader, text, end, "%s from %s: %s", readers[reader], ends[end], text_names[text]);
      }
    }
  }
  for (int mode = 0; mode < 3; mode++) {
    add(buffering, mode, 0, 0, "wide characters with %s buffering", mode_names[mode]);
    add(buffering, mode, 1, 0, "wide characters in ASCII with %s buffering", mode_names[mode]);
    add(filling, mode, 0, 0, "wide characters to a full pipe with %s buffering", mode_names[mode]);
    add(filling, mode, 1, 0, "wide characters to a full socket with %s buffering", mode_names[mode]);
  }
  add(both_ways, 0, 0, 0, "wide characters both ways");
}
