// fopen(3), freopen(3) of a FIFO wait for its other side inside libc. Here the descriptor is opened by the redirected open.

#define FAMILY GREEN_STREAMS
#include "streams.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

REAL(fopen)
REAL(fopen64)
REAL(open)

// The flags of open(2) that a mode stands for; -1 where the call does not wait, or says what is wrong with it.
static int flags_of(const char *mode) {
  int flags = mode[0] == 'r' ? O_RDONLY : mode[0] == 'w' ? O_WRONLY | O_CREAT | O_TRUNC
    : mode[0] == 'a' ? O_WRONLY | O_CREAT | O_APPEND : -1;
  if (flags < 0) return -1;
  for (mode++; *mode != '\0' && *mode != ','; mode++) {
    if (*mode == '+' || *mode == 'x') return -1;
    if (*mode == 'e') flags |= O_CLOEXEC;
  }
  return flags;
}

static bool is_fifo(const char *path) {
  struct stat status;
  int saved = errno;
  bool is_fifo = stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
  errno = saved;
  return is_fifo;
}

static int flags_to_wait_with(const char *path, const char *mode) {
  if (path == NULL || mode == NULL || fiber_table() == NULL) return -1;
  int flags = flags_of(mode);
  return flags >= 0 && is_fifo(path) ? flags : -1;
}

static void close_quietly(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
}

// With a character set, which fdopen(3) does not look at.
static FILE *open_with_set(__typeof__(fopen) *real, const char *path, const char *mode) {
  int held = credirect_open_fifo_for(path, mode);
  if (held == -2) return NULL;
  FILE *stream = real(path, mode);
  if (held >= 0) close_quietly(held);
  return stream;
}

static FILE *open_fifo_or_file(__typeof__(fopen) *real, const char *path, const char *mode) {
  int flags = flags_to_wait_with(path, mode);
  if (flags < 0) return real(path, mode);
  if (strchr(mode, ',') != NULL) return open_with_set(real, path, mode);
  int fd = open(path, flags, 0666);
  if (fd < 0) return NULL;
  FILE *stream = fdopen(fd, mode);
  if (stream == NULL) close_quietly(fd);
  return stream;
}

static FILE *open_stream(__typeof__(fopen) *real, const char *path, const char *mode) {
  return credirect_note_set(open_fifo_or_file(real, path, mode), mode);
}

REDIRECTED FILE *fopen(const char *restrict path, const char *restrict mode) {
  return open_stream(real_fopen(), path, mode);
}

REDIRECTED FILE *fopen64(const char *restrict path, const char *restrict mode) {
  return open_stream(real_fopen64(), path, mode);
}

int credirect_open_fifo_for(const char *path, const char *mode) {
  int flags = flags_to_wait_with(path, mode);
  if (flags < 0) return -1;
  int side = open(path, flags | O_CLOEXEC, 0666);
  if (side < 0) return -2;
  // The other side may have been closed since, and the real call would wait for the next: it finds this one, which is both.
  int both = real_open()(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (both < 0) return side; // without the right to it
  close(side);
  return both;
}

ALIAS(fopen, _IO_fopen)
