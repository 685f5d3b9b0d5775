// Calls that wait inside the C library.

#define _GNU_SOURCE
#include "WaitCalls.h"

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#include <wordexp.h>

int calls_aio_suspend(int descriptor) {
  char byte = 0;
  struct aiocb block = {.aio_fildes = descriptor, .aio_buf = &byte, .aio_nbytes = 1};
  const struct aiocb *list[] = {&block};
  if (aio_read(&block) != 0) return -1;
  if (aio_suspend(list, 1, NULL) != 0 || aio_error(&block) != 0 || aio_return(&block) != 1) return -1;
  return byte;
}

int calls_lio_listio(int descriptor) {
  char byte = 0;
  struct aiocb block = {.aio_fildes = descriptor, .aio_buf = &byte, .aio_nbytes = 1, .aio_lio_opcode = LIO_READ};
  struct aiocb *list[] = {&block};
  return lio_listio(LIO_WAIT, list, 1, NULL) == 0 && aio_return(&block) == 1 ? byte : -1;
}

int calls_wordexp(const char *words) {
  wordexp_t result;
  if (wordexp(words, &result, 0) != 0) return -1;
  int count = (int)result.we_wordc;
  wordfree(&result);
  return count;
}

int calls_getaddrinfo_a(const char *name, int waits_later) {
  struct gaicb question = {.ar_name = name};
  struct gaicb *list[] = {&question};
  if (getaddrinfo_a(waits_later ? GAI_NOWAIT : GAI_WAIT, list, 1, NULL) != 0) return -1;
  while (waits_later && gai_error(&question) == EAI_INPROGRESS) gai_suspend((const struct gaicb *const *)list, 1, NULL);
  int error = gai_error(&question);
  if (error == 0) freeaddrinfo(question.ar_result);
  return error;
}

int calls_set_terminal(int action) {
  int ends[2];
  struct termios attributes;
  if (openpty(&ends[0], &ends[1], NULL, NULL, NULL) != 0) return -1;
  int result = tcgetattr(ends[1], &attributes) == 0 && write(ends[1], "text", 4) == 4
      ? tcsetattr(ends[1], action, &attributes) | tcsendbreak(ends[1], 0) : -1;
  close(ends[0]);
  close(ends[1]);
  return result;
}

int calls_scan_wide(FILE *stream, wchar_t *word, int *number) { return fwscanf(stream, L"%15ls %d", word, number); }
