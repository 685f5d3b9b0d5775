// scanf(3), fscanf, vscanf, vfscanf on streams that can block: the real vfscanf reads from a stream of ours, which takes
// one character after the other from the program's, waiting where it must. A character that vfscanf gives back goes back
// where it came from.

#include "streams.h"

#include <stdarg.h>

typedef int (*scanner)(FILE *stream, const char *format, va_list arguments);

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
  STREAM_HELD(held);
  const green_redirect_table *table = green_stream_table(stream, &held);
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

// Three dialects by their names in the library, since the header gives one the name of another: with GNU's %a; C99; and
// C23, with %b and 0b, which programs made with glibc from 2.38 on use.
#define DIALECT(dialect, prefix, fallback)                                                       \
  static scanner real_##dialect(void) {                                                          \
    static _Atomic(void *) found;                                                                \
    void *function = atomic_load_explicit(&found, memory_order_relaxed);                         \
    if (function == NULL) function = green_redirect_find(prefix "vfscanf", NULL);                \
    if (function == NULL) function = green_redirect_find(fallback "vfscanf", NULL);              \
    atomic_store_explicit(&found, function, memory_order_relaxed);                               \
    return (scanner)function;                                                                    \
  }                                                                                              \
  __attribute__((constructor)) static void find_##dialect(void) { (void)real_##dialect(); }      \
                                                                                                 \
  REDIRECTED int dialect##_vfscanf(FILE *, const char *, va_list) __asm__(prefix "vfscanf");     \
  REDIRECTED int dialect##_vscanf(const char *, va_list) __asm__(prefix "vscanf");               \
  REDIRECTED int dialect##_fscanf(FILE *, const char *, ...) __asm__(prefix "fscanf");           \
  REDIRECTED int dialect##_scanf(const char *, ...) __asm__(prefix "scanf");                     \
                                                                                                 \
  int dialect##_vfscanf(FILE *stream, const char *format, va_list arguments) {                   \
    return scan(real_##dialect(), stream, format, arguments);                                    \
  }                                                                                              \
                                                                                                 \
  int dialect##_vscanf(const char *format, va_list arguments) {                                  \
    return scan(real_##dialect(), stdin, format, arguments);                                     \
  }                                                                                              \
                                                                                                 \
  int dialect##_fscanf(FILE *stream, const char *format, ...) {                                  \
    va_list arguments;                                                                           \
    va_start(arguments, format);                                                                 \
    int result = scan(real_##dialect(), stream, format, arguments);                              \
    va_end(arguments);                                                                           \
    return result;                                                                               \
  }                                                                                              \
                                                                                                 \
  int dialect##_scanf(const char *format, ...) {                                                 \
    va_list arguments;                                                                           \
    va_start(arguments, format);                                                                 \
    int result = scan(real_##dialect(), stdin, format, arguments);                               \
    va_end(arguments);                                                                           \
    return result;                                                                               \
  }

DIALECT(gnu, "", "")
DIALECT(c99, "__isoc99_", "")
DIALECT(c23, "__isoc23_", "__isoc99_")
