#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cglibc_streams.h"

#include "quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

// pwritev2(2), Linux 6.18: no SIGPIPE.
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x00000100
#endif

ssize_t cglibc_read_nowait(int descriptor, void *buffer, size_t count) {
  struct iovec part = {buffer, count};
  return preadv2(descriptor, &part, 1, -1, RWF_NOWAIT);
}

static ssize_t write_quietly(int descriptor, const struct iovec *part, int flags) {
  struct quiet quiet = cglibc_quiet_begin();
  ssize_t result = flags == 0 ? writev(descriptor, part, 1) : pwritev2(descriptor, part, 1, -1, flags);
  cglibc_quiet_end(&quiet, result < 0 && errno == EPIPE);
  return result;
}

ssize_t cglibc_write_nowait(int descriptor, const void *bytes, size_t count) {
  // EOPNOTSUPP may mean either flag: the second attempt tells which, and a kernel without RWF_NOSIGNAL is remembered.
  static atomic_bool lacks_nosignal;
  struct iovec part = {(void *)bytes, count};
  bool is_tried = !atomic_load_explicit(&lacks_nosignal, memory_order_relaxed);
  if (is_tried) {
    ssize_t result = pwritev2(descriptor, &part, 1, -1, RWF_NOWAIT | RWF_NOSIGNAL);
    if (result >= 0 || errno != EOPNOTSUPP) return result;
  }
  ssize_t result = write_quietly(descriptor, &part, RWF_NOWAIT);
  if (is_tried && result >= 0) atomic_store_explicit(&lacks_nosignal, true, memory_order_relaxed);
  return result;
}

ssize_t cglibc_write(int descriptor, const void *bytes, size_t count) {
  struct iovec part = {(void *)bytes, count};
  return write_quietly(descriptor, &part, 0);
}

int cglibc_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cglibc_reopen_terminal(int descriptor) {
  unsigned number;
  int flags = fcntl(descriptor, F_GETFL);
  // Opening the master's file would make another pseudo-terminal.
  if (flags < 0 || !isatty(descriptor) || ioctl(descriptor, TIOCGPTN, &number) == 0) return -1;
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  return open(path, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
