#define _GNU_SOURCE

#include "cprocess_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// A write of at most PIPE_BUF bytes to a pipe that poll calls writable waits only where another process was faster. A
// description of its own that is non-blocking rules that out too. -1 without /proc, or for another user's pipe.
static int open_again(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || flags & O_NONBLOCK) return -1;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

cprocess_log cprocess_log_open(int descriptor) {
  cprocess_log log = {.descriptor = descriptor, .own = -1};
  struct stat status;
  if (fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode)) {
    log.device = status.st_dev;
    log.inode = status.st_ino;
    log.own = open_again(descriptor);
  }
  return log;
}

// The descriptor to write to. The program may have put another file in its place, with dup2.
static int target(const cprocess_log *log) {
  if (log->own < 0) return log->descriptor;
  struct stat status;
  if (fstat(log->descriptor, &status) < 0) return log->descriptor;
  return status.st_dev == log->device && status.st_ino == log->inode ? log->own : log->descriptor;
}

ssize_t cprocess_log_write(const cprocess_log *log, const void *bytes, size_t count) {
  int descriptor = target(log);
  if (descriptor == log->own) return write(descriptor, bytes, count);
  ssize_t sent = send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  struct pollfd polled = {.fd = descriptor, .events = POLLOUT};
  // A regular file is always writable.
  if (poll(&polled, 1, 0) == 0) {
    errno = EAGAIN;
    return -1;
  }
  struct stat status;
  int is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return write(descriptor, bytes, is_file || count < PIPE_BUF ? count : PIPE_BUF);
}

int cprocess_log_wait(const cprocess_log *log, int milliseconds) {
  struct pollfd polled = {.fd = target(log), .events = POLLOUT};
  return poll(&polled, 1, milliseconds) > 0;
}

int cprocess_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int cprocess_log_replace(int descriptor, int fresh) { return dup3(fresh, descriptor, O_CLOEXEC); }

void cprocess_log_print_by_line(void) { setvbuf(stdout, NULL, _IOLBF, 0); }
