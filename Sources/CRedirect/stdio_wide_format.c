// wprintf(3), fwprintf and their kin, on streams that can block: formatted into memory, and written from there.

#include "streams.h"

#include <stdlib.h>

int __vfwprintf_chk(FILE *stream, int flag, const wchar_t *format, va_list arguments);
int __vwprintf_chk(int flag, const wchar_t *format, va_list arguments);
int __fwprintf_chk(FILE *stream, int flag, const wchar_t *format, ...);
int __wprintf_chk(int flag, const wchar_t *format, ...);

REAL(vfwprintf)
REAL(__vfwprintf_chk)

// `flag` is -1 for the plain call, else that of the fortified one.
static int print_to(FILE *stream, int flag, const wchar_t *format, va_list arguments) {
  if (flag < 0) return real_vfwprintf()(stream, format, arguments);
  return real___vfwprintf_chk()(stream, flag, format, arguments);
}

static int print(FILE *stream, int flag, const wchar_t *format, va_list arguments) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_wide_table(stream, &held);
  if (table == NULL) return print_to(stream, flag, format, arguments);
  wchar_t *text = NULL;
  size_t count = 0;
  // Kept for %m, and for a call that succeeds: to make the stream may change it.
  int before = errno;
  FILE *memory = open_wmemstream(&text, &count);
  if (memory == NULL) return -1;
  errno = before;
  int length = print_to(memory, flag, format, arguments);
  int saved = length < 0 ? errno : before;
  if (fclose(memory) != 0) length = -1;
  if (length >= 0) {
    credirect_lock_stream(table, stream);
    errno = before;
    size_t done = credirect_wide_write(stream, text, (size_t)length);
    saved = errno;
    credirect_unlock_stream(stream);
    if (done < (size_t)length) length = -1;
  }
  free(text);
  errno = saved;
  return length;
}

REDIRECTED int vfwprintf(FILE *restrict stream, const wchar_t *restrict format, va_list arguments) {
  return print(stream, -1, format, arguments);
}

REDIRECTED int vwprintf(const wchar_t *restrict format, va_list arguments) {
  return print(stdout, -1, format, arguments);
}

REDIRECTED int fwprintf(FILE *restrict stream, const wchar_t *restrict format, ...) {
  WITH_ARGUMENTS(format, print(stream, -1, format, arguments));
}

REDIRECTED int wprintf(const wchar_t *restrict format, ...) {
  WITH_ARGUMENTS(format, print(stdout, -1, format, arguments));
}

REDIRECTED int __vfwprintf_chk(FILE *stream, int flag, const wchar_t *format, va_list arguments) {
  return print(stream, flag, format, arguments);
}

REDIRECTED int __vwprintf_chk(int flag, const wchar_t *format, va_list arguments) {
  return print(stdout, flag, format, arguments);
}

REDIRECTED int __fwprintf_chk(FILE *stream, int flag, const wchar_t *format, ...) {
  WITH_ARGUMENTS(format, print(stream, flag, format, arguments));
}

REDIRECTED int __wprintf_chk(int flag, const wchar_t *format, ...) {
  WITH_ARGUMENTS(format, print(stdout, flag, format, arguments));
}
