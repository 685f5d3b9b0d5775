// printf(3), fprintf, dprintf and their kin, on streams that can block: formatted into memory, and written from there.

#include "streams.h"

#include <stdlib.h>
#include <unistd.h>

int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list arguments);
int __vprintf_chk(int flag, const char *format, va_list arguments);
int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list arguments);
int __dprintf_chk(int fd, int flag, const char *format, ...);
extern int __vasprintf_chk(char **text, int flag, const char *format, va_list arguments);

REAL(vfprintf)
REAL(__vfprintf_chk)
REAL(vdprintf)
REAL(__vdprintf_chk)

// `flag` is -1 for the plain call, else that of the fortified one.
static int format_text(char **text, int flag, const char *format, va_list arguments) {
  return flag < 0 ? vasprintf(text, format, arguments) : __vasprintf_chk(text, flag, format, arguments);
}

static int print(FILE *stream, int flag, const char *format, va_list arguments) {
  STREAM_HELD(held);
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) {
    if (flag < 0) return real_vfprintf()(stream, format, arguments);
    return real___vfprintf_chk()(stream, flag, format, arguments);
  }
  char *text;
  int length = format_text(&text, flag, format, arguments);
  if (length < 0) return -1;
  credirect_lock_stream(table, stream);
  size_t done = credirect_stream_write(table, stream, text, (size_t)length);
  credirect_unlock_stream(stream);
  int saved = errno;
  free(text);
  errno = saved;
  return done == (size_t)length ? length : -1;
}

static int print_to(int fd, int flag, const char *format, va_list arguments) {
  if (fiber_table() == NULL) {
    return flag < 0 ? real_vdprintf()(fd, format, arguments) : real___vdprintf_chk()(fd, flag, format, arguments);
  }
  char *text;
  int length = format_text(&text, flag, format, arguments);
  if (length < 0) return -1;
  ssize_t written = 0;
  for (int done = 0; done < length && written >= 0; done += (int)written) {
    written = write(fd, text + done, (size_t)(length - done));
  }
  int saved = errno;
  free(text);
  errno = saved;
  return written < 0 ? -1 : length;
}

REDIRECTED int vfprintf(FILE *restrict stream, const char *restrict format, va_list arguments) {
  return print(stream, -1, format, arguments);
}

REDIRECTED int vprintf(const char *restrict format, va_list arguments) { return print(stdout, -1, format, arguments); }

REDIRECTED int fprintf(FILE *restrict stream, const char *restrict format, ...) {
  WITH_ARGUMENTS(format, print(stream, -1, format, arguments));
}

REDIRECTED int printf(const char *restrict format, ...) {
  WITH_ARGUMENTS(format, print(stdout, -1, format, arguments));
}

REDIRECTED int __vfprintf_chk(FILE *stream, int flag, const char *format, va_list arguments) {
  return print(stream, flag, format, arguments);
}

REDIRECTED int __vprintf_chk(int flag, const char *format, va_list arguments) {
  return print(stdout, flag, format, arguments);
}

REDIRECTED int __fprintf_chk(FILE *stream, int flag, const char *format, ...) {
  WITH_ARGUMENTS(format, print(stream, flag, format, arguments));
}

REDIRECTED int __printf_chk(int flag, const char *format, ...) {
  WITH_ARGUMENTS(format, print(stdout, flag, format, arguments));
}

REDIRECTED int vdprintf(int fd, const char *restrict format, va_list arguments) {
  return print_to(fd, -1, format, arguments);
}

REDIRECTED int dprintf(int fd, const char *restrict format, ...) {
  WITH_ARGUMENTS(format, print_to(fd, -1, format, arguments));
}

REDIRECTED int __vdprintf_chk(int fd, int flag, const char *format, va_list arguments) {
  return print_to(fd, flag, format, arguments);
}

REDIRECTED int __dprintf_chk(int fd, int flag, const char *format, ...) {
  WITH_ARGUMENTS(format, print_to(fd, flag, format, arguments));
}

ALIAS(printf, _IO_printf)
ALIAS(fprintf, _IO_fprintf)
ALIAS(vfprintf, _IO_vfprintf)
