// readv(2), writev(2), preadv2(2), pwritev2(2): as read and write, of several parts.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

REAL(readv)
REAL(writev)
REAL(preadv2)
REAL(pwritev2)
REAL(recvmsg)
REAL(sendmsg)

size_t credirect_total(const struct iovec *parts, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count && total < MOST_OF_ONE_CALL; i++) {
    size_t room = MOST_OF_ONE_CALL - total;
    total += parts[i].iov_len < room ? parts[i].iov_len : room;
  }
  return total;
}

bool credirect_rest(struct rest *rest, const struct iovec *parts, size_t count, size_t done) {
  if (rest->parts == NULL) rest->parts = malloc(count * sizeof *parts);
  if (rest->parts == NULL) return false;
  size_t first = 0;
  while (first < count && done >= parts[first].iov_len) done -= parts[first++].iov_len;
  rest->count = count - first;
  for (size_t i = 0; i < rest->count; i++) rest->parts[i] = parts[first + i];
  if (rest->count > 0) {
    rest->parts[0].iov_base = (char *)rest->parts[0].iov_base + done;
    rest->parts[0].iov_len -= done;
  }
  return true;
}

void credirect_free_rest(struct rest *rest) {
  int saved = errno;
  free(rest->parts);
  errno = saved;
}

// ---- Reading ------------------------------------------------------------------------------------------------------

static ssize_t try_readv(int fd, enum descriptor_kind kind, const struct iovec *parts, int count, int flags) {
  if (kind != KIND_SOCKET || flags != 0) return real_preadv2()(fd, parts, count, -1, flags | RWF_NOWAIT);
  struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
  return real_recvmsg()(fd, &message, MSG_DONTWAIT);
}

// Reads where the file is; arguments that the kernel refuses are left to the plain call.
static ssize_t read_parts(const credirect_table *table, int fd, const struct iovec *parts, int count, int flags) {
  enum descriptor_kind kind = credirect_kind_of(fd);
  struct waiting waiting = WAITING(table, fd, POLLIN, kind == KIND_SOCKET ? SO_RCVTIMEO : 0);
  while (kind == KIND_SOCKET || kind == KIND_STREAM) {
    ssize_t result = try_readv(fd, kind, parts, count, flags);
    if (result >= 0) return result;
    if (errno == EINTR || credirect_corrects_kind(fd, &kind)) continue;
    if (errno != EAGAIN) return -1;
    int error = credirect_wait_to_retry(&waiting);
    if (error != 0) return credirect_ended(error);
  }
  if (kind == KIND_WAITABLE) {
    int error = credirect_wait_untried(table, fd, POLLIN);
    if (error != 0) return fail(error);
  } else if (credirect_is_long(credirect_total(parts, (size_t)count))) {
    return credirect_read_file(table, fd, parts, count, -1, flags);
  }
  return flags == 0 ? real_readv()(fd, parts, count) : real_preadv2()(fd, parts, count, -1, flags);
}

// Whether there is anything to transfer, by arguments that the kernel accepts.
static bool is_transfer(const struct iovec *parts, int count) {
  return count > 0 && count <= IOV_MAX && parts != NULL && credirect_total(parts, (size_t)count) > 0;
}

WAITS(ssize_t, readv, (int fd, const struct iovec *parts, int count), (fd, parts, count)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL || !is_transfer(parts, count)) return real_readv()(fd, parts, count);
  return read_parts(table, fd, parts, count, 0);
}

WAITS(ssize_t, preadv2, (int fd, const struct iovec *parts, int count, off_t offset, int flags),
      (fd, parts, count, offset, flags)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL || (flags & RWF_NOWAIT) != 0 || !is_transfer(parts, count)) {
    return real_preadv2()(fd, parts, count, offset, flags);
  }
  if (offset == -1) return read_parts(table, fd, parts, count, flags);
  return credirect_read_file(table, fd, parts, count, offset, flags);
}

// ---- Writing ------------------------------------------------------------------------------------------------------

static ssize_t try_writev(int fd, enum descriptor_kind kind, const struct iovec *parts, int count, int flags) {
  if (kind != KIND_SOCKET || flags != 0) return real_pwritev2()(fd, parts, count, -1, flags | RWF_NOWAIT);
  struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)count};
  return real_sendmsg()(fd, &message, MSG_DONTWAIT);
}

static ssize_t write_direct(const credirect_table *table, int fd, enum descriptor_kind kind,
                            const struct iovec *parts, int count, int flags) {
  if (kind == KIND_DIRECT && credirect_is_long(credirect_total(parts, (size_t)count))) {
    return credirect_write_file(table, fd, parts, count, -1, flags);
  }
  if (kind == KIND_WAITABLE) {
    int error = credirect_wait_untried(table, fd, POLLOUT);
    if (error != 0) return fail(error);
  }
  return flags == 0 ? real_writev()(fd, parts, count) : real_pwritev2()(fd, parts, count, -1, flags);
}

static ssize_t write_parts(const credirect_table *table, int fd, const struct iovec *parts, int count, int flags,
                           struct rest *rest) {
  enum descriptor_kind kind = credirect_kind_of(fd);
  struct waiting waiting = WAITING(table, fd, POLLOUT, kind == KIND_SOCKET ? SO_SNDTIMEO : 0);
  size_t wanted = credirect_total(parts, (size_t)count), done = 0;
  const struct iovec *now = parts;
  int left = count;
  while (kind == KIND_SOCKET || kind == KIND_STREAM) {
    ssize_t result = try_writev(fd, kind, now, left, flags);
    if (result >= 0) {
      done += (size_t)result;
      waiting.fruitless = 0;
      if (done >= wanted || result == 0 || !credirect_rest(rest, parts, (size_t)count, done)) return (ssize_t)done;
      now = rest->parts;
      left = (int)rest->count;
    } else if (errno == EINTR || credirect_corrects_kind(fd, &kind)) {
      continue;
    } else if (credirect_is_connecting(errno)) {
      int error = credirect_wait_to_connect(&waiting);
      if (error != 0) return fail(error);
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = credirect_wait_to_retry(&waiting);
    if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
    if (done > 0 && kind == KIND_SOCKET && credirect_has(fd, POLLERR | POLLHUP)) return (ssize_t)done;
  }
  return done > 0 ? (ssize_t)done : write_direct(table, fd, kind, parts, count, flags);
}

static ssize_t write_all_parts(const credirect_table *table, int fd, const struct iovec *parts, int count,
                               int flags) {
  struct rest rest = {0};
  ssize_t result = write_parts(table, fd, parts, count, flags, &rest);
  credirect_free_rest(&rest);
  return result;
}

WAITS(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL || !is_transfer(parts, count)) return real_writev()(fd, parts, count);
  return write_all_parts(table, fd, parts, count, 0);
}

WAITS(ssize_t, pwritev2, (int fd, const struct iovec *parts, int count, off_t offset, int flags),
      (fd, parts, count, offset, flags)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL || (flags & RWF_NOWAIT) != 0 || !is_transfer(parts, count)) {
    return real_pwritev2()(fd, parts, count, offset, flags);
  }
  if (offset == -1) return write_all_parts(table, fd, parts, count, flags);
  return credirect_write_file(table, fd, parts, count, offset, flags);
}

// off_t has 64 bits, as off64_t has.
ALIAS(preadv2, preadv64v2)
ALIAS(pwritev2, pwritev64v2)
