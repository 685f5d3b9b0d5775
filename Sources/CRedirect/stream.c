// read(2) and write(2), on whatever the descriptor is.
//
// Try first, wait on EAGAIN: the descriptor's own O_NONBLOCK stays as the program set it. A blocking write returns
// when all is written, so it goes on after a part; an error after a part returns the part, as the kernel does.

#include "redirect.h"

#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

REAL(read)
REAL(write)
REAL(recv)
REAL(send)

static ssize_t fail(int error) {
  errno = error;
  return -1;
}

// One attempt that does not wait; KIND_WAITABLE and KIND_DIRECT are not for this.
static ssize_t try_read(int fd, enum descriptor_kind kind, void *buffer, size_t count) {
  if (kind == KIND_SOCKET) return real_recv()(fd, buffer, count, MSG_DONTWAIT);
  struct iovec part = {buffer, count};
  return preadv2(fd, &part, 1, -1, RWF_NOWAIT);
}

static ssize_t try_write(int fd, enum descriptor_kind kind, const void *bytes, size_t count) {
  if (kind == KIND_SOCKET) return real_send()(fd, bytes, count, MSG_DONTWAIT);
  struct iovec part = {(void *)bytes, count};
  return pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
}

// After a failed attempt: whether the kind was wrong and another way is to be tried.
static bool corrects_kind(int fd, enum descriptor_kind *kind) {
  if (*kind == KIND_SOCKET && errno == ENOTSOCK) {
    *kind = green_kind_again(fd);
    return *kind != KIND_SOCKET;
  }
  if (*kind == KIND_STREAM && (errno == EOPNOTSUPP || errno == ESPIPE || errno == EINVAL)) {
    *kind = KIND_WAITABLE;
    green_kind_is(fd, *kind);
    return true;
  }
  return false;
}

// What cannot be tried is waited for first, unless the program wants no waiting.
static int wait_untried(const green_redirect_table *table, int fd, short events) {
  if (green_is_nonblocking(fd)) return 0;
  struct pollfd entry = {fd, events, 0};
  if (poll(&entry, 1, 0) != 0) return 0;
  int error = table->wait_descriptor(fd, events, NEVER);
  return error == EPERM ? 0 : error;
}

REDIRECTED ssize_t read(int fd, void *buffer, size_t count) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL || count == 0) return real_read()(fd, buffer, count);
  enum descriptor_kind kind = green_kind_of(fd);
  int64_t deadline = UNASKED;
  while (kind == KIND_SOCKET || kind == KIND_STREAM) {
    ssize_t result = try_read(fd, kind, buffer, count);
    if (result >= 0) return result;
    if (errno == EINTR || corrects_kind(fd, &kind)) continue;
    if (errno != EAGAIN) return -1;
    int error = green_wait_to_retry(table, fd, POLLIN, kind == KIND_SOCKET ? SO_RCVTIMEO : 0, &deadline);
    if (error != 0) return fail(error);
  }
  if (kind == KIND_WAITABLE) {
    int error = wait_untried(table, fd, POLLIN);
    if (error != 0) return fail(error);
  }
  return real_read()(fd, buffer, count);
}

// Writes what cannot be tried, from the byte `done` on. Readiness promises a FIFO room for PIPE_BUF bytes and no more.
static ssize_t write_untried(const green_redirect_table *table, int fd, enum descriptor_kind kind, const void *bytes,
                             size_t count, size_t done) {
  size_t most = SIZE_MAX;
  struct stat status;
  bool waits = kind == KIND_WAITABLE && !green_is_nonblocking(fd);
  if (waits && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)) most = PIPE_BUF;
  while (done < count) {
    if (waits) {
      int error = wait_untried(table, fd, POLLOUT);
      if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
    }
    size_t part = count - done < most ? count - done : most;
    ssize_t result = real_write()(fd, (const char *)bytes + done, part);
    if (result < 0) return done > 0 ? (ssize_t)done : -1;
    done += (size_t)result;
    if (!waits || (size_t)result < part) break;
  }
  return (ssize_t)done;
}

REDIRECTED ssize_t write(int fd, const void *bytes, size_t count) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL || count == 0) return real_write()(fd, bytes, count);
  enum descriptor_kind kind = green_kind_of(fd);
  int64_t deadline = UNASKED;
  size_t done = 0;
  while (kind == KIND_SOCKET || kind == KIND_STREAM) {
    ssize_t result = try_write(fd, kind, (const char *)bytes + done, count - done);
    if (result >= 0) {
      done += (size_t)result;
      if (done == count) return (ssize_t)done;
    } else if (errno == EINTR || corrects_kind(fd, &kind)) {
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = green_wait_to_retry(table, fd, POLLOUT, kind == KIND_SOCKET ? SO_SNDTIMEO : 0, &deadline);
    if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
  }
  return write_untried(table, fd, kind, bytes, count, done);
}

// ---- recv(2) and send(2) ------------------------------------------------------------------------------------------

// MSG_WAITALL means nothing to sockets with message boundaries.
static bool is_stream(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

REDIRECTED ssize_t recv(int fd, void *buffer, size_t count, int flags) {
  const green_redirect_table *table;
  if ((flags & (MSG_DONTWAIT | MSG_ERRQUEUE | MSG_OOB)) != 0 || (table = fiber_table()) == NULL) {
    return real_recv()(fd, buffer, count, flags);
  }
  // MSG_WAITALL is not the kernel's business when it may not wait: gather here. A peek cannot be gathered.
  bool gathers = (flags & MSG_WAITALL) != 0 && (flags & MSG_PEEK) == 0;
  int64_t deadline = UNASKED;
  size_t done = 0;
  for (;;) {
    ssize_t result = real_recv()(fd, (char *)buffer + done, count - done, flags | MSG_DONTWAIT);
    if (result >= 0) {
      done += (size_t)result;
      if (!gathers || result == 0 || done >= count || !is_stream(fd)) return (ssize_t)done;
    } else if (errno == EINTR) {
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = green_wait_to_retry(table, fd, POLLIN, SO_RCVTIMEO, &deadline);
    if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
  }
}

REDIRECTED ssize_t send(int fd, const void *bytes, size_t count, int flags) {
  const green_redirect_table *table;
  if ((flags & MSG_DONTWAIT) != 0 || (table = fiber_table()) == NULL) return real_send()(fd, bytes, count, flags);
  int64_t deadline = UNASKED;
  size_t done = 0;
  for (;;) {
    ssize_t result = real_send()(fd, (const char *)bytes + done, count - done, flags | MSG_DONTWAIT);
    if (result >= 0) {
      done += (size_t)result;
      if (done >= count) return (ssize_t)done;
    } else if (errno == EINTR) {
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = green_wait_to_retry(table, fd, POLLOUT, SO_SNDTIMEO, &deadline);
    if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
  }
}

extern __typeof__(recv) green_own_recv __attribute__((alias("recv"), visibility("hidden")));
