// getw(3), putw and gets(3), by way of those that have taken their place.

#include "streams.h"

extern void __chk_fail(void) __attribute__((noreturn));
char *gets(char *buffer);
char *__gets_chk(char *buffer, size_t room);

REAL(gets)
REAL(__gets_chk)

REDIRECTED int getw(FILE *stream) {
  int word;
  return fread(&word, sizeof word, 1, stream) == 1 ? word : EOF;
}

REDIRECTED int putw(int word, FILE *stream) { return fwrite(&word, sizeof word, 1, stream) == 1 ? 0 : EOF; }

static char *read_line(char *buffer, size_t room) {
  size_t count = 0;
  int character;
  flockfile(stdin);
  while ((character = getchar_unlocked()) != EOF && character != '\n') {
    if (count + 1 >= room) __chk_fail();
    buffer[count++] = (char)character;
  }
  bool failed = character == EOF && (count == 0 || ferror_unlocked(stdin) != 0);
  funlockfile(stdin);
  if (failed) return NULL;
  buffer[count] = '\0';
  return buffer;
}

REDIRECTED char *gets(char *buffer) { return fiber_table() == NULL ? real_gets()(buffer) : read_line(buffer, SIZE_MAX); }

REDIRECTED char *__gets_chk(char *buffer, size_t room) {
  return fiber_table() == NULL ? real___gets_chk()(buffer, room) : read_line(buffer, room);
}
