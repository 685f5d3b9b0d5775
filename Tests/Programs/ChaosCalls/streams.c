// Reading and writing whatever a descriptor is.

#include "chaos.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x00000100
#endif

REAL(read)
REAL(write)
REAL(writev)
REAL(pread)
REAL(preadv2)
REAL(pwritev2)

// An eventfd, by which libev wakes its loop, is neither interrupted nor read in part.
static int is_stream(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode));
}

INJECTED ssize_t read(int fd, void *buffer, size_t count) {
  switch (is_stream(fd) ? chaos_fate(CHAOS_READ) : FATE_REAL) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_FAILING: return FAIL(EIO, ENOMEM);
  case FATE_LESS: return real_read()(fd, buffer, chaos_less(count));
  default: return real_read()(fd, buffer, count);
  }
}

INJECTED ssize_t write(int fd, const void *bytes, size_t count) {
  switch (is_stream(fd) ? chaos_fate(CHAOS_WRITE) : FATE_REAL) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_FAILING: return FAIL(EIO, ENOSPC);
  case FATE_LESS: return real_write()(fd, bytes, chaos_less(count));
  default: return real_write()(fd, bytes, count);
  }
}

static struct iovec shortened(const struct iovec *parts) {
  return (struct iovec){parts[0].iov_base, chaos_less(parts[0].iov_len)};
}

INJECTED ssize_t writev(int fd, const struct iovec *parts, int count) {
  switch (is_stream(fd) ? chaos_fate(CHAOS_WRITEV) : FATE_REAL) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_FAILING: return FAIL(EIO, ENOSPC);
  case FATE_LESS: {
    struct iovec part = shortened(parts);
    return real_writev()(fd, &part, 1);
  }
  default: return real_writev()(fd, parts, count);
  }
}

INJECTED ssize_t pread(int fd, void *buffer, size_t count, off_t offset) {
  switch (chaos_fate(CHAOS_PREAD)) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_FAILING: return FAIL(EIO);
  case FATE_LESS: return real_pread()(fd, buffer, chaos_less(count), offset);
  default: return real_pread()(fd, buffer, count, offset);
  }
}

INJECTED ssize_t preadv2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  if (chaos_lacking().nowait && (flags & RWF_NOWAIT) != 0) return FAIL(EOPNOTSUPP);
  switch (chaos_fate(CHAOS_PREADV2)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(EIO, ENOMEM);
  case FATE_LESS: {
    struct iovec part = shortened(parts);
    return real_preadv2()(fd, &part, 1, offset, flags);
  }
  default: return real_preadv2()(fd, parts, count, offset, flags);
  }
}

INJECTED ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  struct chaos_lacking lacking = chaos_lacking();
  if (lacking.nowait && (flags & RWF_NOWAIT) != 0) return FAIL(EOPNOTSUPP);
  if (lacking.nosignal && (flags & RWF_NOSIGNAL) != 0) return FAIL(EOPNOTSUPP);
  switch (chaos_fate(CHAOS_PWRITEV2)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(EIO, ENOSPC);
  case FATE_LESS: {
    struct iovec part = shortened(parts);
    return real_pwritev2()(fd, &part, 1, offset, flags);
  }
  default: return real_pwritev2()(fd, parts, count, offset, flags);
  }
}
