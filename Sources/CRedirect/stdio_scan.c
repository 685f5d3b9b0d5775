// scanf(3), fscanf, vscanf, vfscanf on streams that can block: the real vfscanf reads from a stream of ours, which takes
// one character after the other from the program's, waiting where it must. A character that vfscanf gives back goes back
// where it came from.

#include "scan_dialects.h"

SCANNER(scanner, char)

struct source {
  const credirect_table *table;
  FILE *stream;
};

static ssize_t read_one(void *context, char *bytes, size_t count) {
  struct source *source = context;
  if (count == 0) return 0;
  if (credirect_stream_fill(source->table, source->stream)) {
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
  const credirect_table *table = credirect_stream_table(stream, &held);
  if (table == NULL) return real(stream, format, arguments);
  struct source source = {table, stream};
  const cookie_io_functions_t functions = {.read = read_one};
  FILE *copy = fopencookie(&source, "r", functions);
  if (copy == NULL) return EOF;
  setvbuf(copy, NULL, _IONBF, 0);
  credirect_lock_stream(table, stream);
  int result = real(copy, format, arguments);
  int saved = errno;
  give_back(copy, stream);
  credirect_unlock_stream(stream);
  fclose(copy);
  errno = saved;
  return result;
}

ALL_DIALECTS(scanner, char, "scanf", "vscanf", "fscanf", "vfscanf", scan)

REDIRECTED int again(FILE *, const char *, va_list) __asm__("__vfscanf") __attribute__((alias("vfscanf")));
