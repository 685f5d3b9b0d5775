// scanf(3), fscanf, vscanf, vfscanf on streams that can block: the real vfscanf reads from a stream of ours, which takes
// one character after the other from the program's, waiting where it must. A character that vfscanf gives back goes back
// where it came from.

#include "streams.h"

#include <stdarg.h>

int __isoc99_fscanf(FILE *stream, const char *format, ...);
int __isoc99_scanf(const char *format, ...);
int __isoc99_vfscanf(FILE *stream, const char *format, va_list arguments);
int __isoc99_vscanf(const char *format, va_list arguments);

// Found by their names in the library: the header gives one the name of the other.
typedef int (*scanner)(FILE *stream, const char *format, va_list arguments);
#define scanner_named(name) ((scanner)find_scanner(&found_##name, #name))
static _Atomic(void *) found_vfscanf, found___isoc99_vfscanf;

static void *find_scanner(_Atomic(void *) *found, const char *name) {
  void *function = atomic_load_explicit(found, memory_order_relaxed);
  if (function == NULL) {
    function = green_redirect_find(name, NULL);
    atomic_store_explicit(found, function, memory_order_relaxed);
  }
  return function;
}

struct source {
  const green_redirect_table *table;
  FILE *stream;
};

static ssize_t read_one(void *context, char *bytes, size_t count) {
  struct source *source = context;
  if (count == 0) return 0;
  if (green_stream_fill(source->table, source->stream)) {
    *bytes = *source->stream->_IO_read_ptr++;
    return 1;
  }
  return ferror_unlocked(source->stream) != 0 && feof_unlocked(source->stream) == 0 ? -1 : 0;
}

static void give_back(FILE *from, FILE *to) {
  if (!stream_has_input(from)) return;
  char character = *from->_IO_read_ptr;
  bool is_there = to->_IO_read_ptr > to->_IO_read_base && to->_IO_read_ptr[-1] == character;
  if (is_there) to->_IO_read_ptr--;
  else ungetc((unsigned char)character, to);
}

static int scan(scanner real, FILE *stream, const char *format, va_list arguments) {
  const green_redirect_table *table = green_stream_table(stream);
  if (table == NULL) return real(stream, format, arguments);
  struct source source = {table, stream};
  const cookie_io_functions_t functions = {.read = read_one};
  FILE *copy = fopencookie(&source, "r", functions);
  if (copy == NULL) return EOF;
  setvbuf(copy, NULL, _IONBF, 0);
  green_lock_stream(table, stream);
  int result = real(copy, format, arguments);
  int saved = errno;
  give_back(copy, stream);
  green_unlock_stream(stream);
  fclose(copy);
  errno = saved;
  return result;
}

REDIRECTED int __isoc99_vfscanf(FILE *stream, const char *format, va_list arguments) {
  return scan(scanner_named(__isoc99_vfscanf), stream, format, arguments);
}

REDIRECTED int __isoc99_vscanf(const char *format, va_list arguments) {
  return scan(scanner_named(__isoc99_vfscanf), stdin, format, arguments);
}

REDIRECTED int __isoc99_fscanf(FILE *stream, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = scan(scanner_named(__isoc99_vfscanf), stream, format, arguments);
  va_end(arguments);
  return result;
}

REDIRECTED int __isoc99_scanf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = scan(scanner_named(__isoc99_vfscanf), stdin, format, arguments);
  va_end(arguments);
  return result;
}

// With GNU's %a instead of C99's.
REDIRECTED int gnu_vfscanf(FILE *stream, const char *format, va_list arguments) __asm__("vfscanf");
REDIRECTED int gnu_vscanf(const char *format, va_list arguments) __asm__("vscanf");
REDIRECTED int gnu_fscanf(FILE *stream, const char *format, ...) __asm__("fscanf");
REDIRECTED int gnu_scanf(const char *format, ...) __asm__("scanf");

int gnu_vfscanf(FILE *stream, const char *format, va_list arguments) {
  return scan(scanner_named(vfscanf), stream, format, arguments);
}

int gnu_vscanf(const char *format, va_list arguments) {
  return scan(scanner_named(vfscanf), stdin, format, arguments);
}

int gnu_fscanf(FILE *stream, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = scan(scanner_named(vfscanf), stream, format, arguments);
  va_end(arguments);
  return result;
}

int gnu_scanf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = scan(scanner_named(vfscanf), stdin, format, arguments);
  va_end(arguments);
  return result;
}
