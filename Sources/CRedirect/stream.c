// read(2) and write(2), on whatever the descriptor is.
//
// Try first, wait on EAGAIN: the descriptor's own O_NONBLOCK stays as the program set it. A blocking write returns
// when all is written, so it goes on after a part; an error after a part returns the part, as the kernel does.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

REAL(read)
REAL(write)
REAL(recv)
REAL(send)
REAL(preadv2)
REAL(pwritev2)

// Whether there is anything to move. More bytes than there are addresses are refused by the plain call, and would not be by
// recv(2) and send(2), which cut them.
static bool is_transfer(size_t count) { return count > 0 && count < (size_t)1 << 57; }

// One attempt that does not wait; KIND_WAITABLE and KIND_DIRECT are not for this.
static ssize_t try_read(int fd, enum descriptor_kind kind, void *buffer, size_t count) {
  if (kind == KIND_SOCKET) return real_recv()(fd, buffer, count, MSG_DONTWAIT);
  struct iovec part = {buffer, count};
  return real_preadv2()(fd, &part, 1, -1, RWF_NOWAIT);
}

// Devices that give all that is wanted, as /dev/zero and /dev/urandom: so many bytes at a time take a moment, and those of
// the latter cost so many times as much as a file's, since they are computed.
#define DEVICE_PIECE ((size_t)64 << 10)
#define RANDOM_COST 8
// From how many bytes on it is worth asking.
#define DEVICE_LEAST 4096

static bool is_memory_device(int fd, dev_t *device) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode)) return false;
  *device = status.st_rdev;
  return major(status.st_rdev) == 1;
}

// Reads what cannot be tried, and is readable: of a memory device in pieces, between which others have their turn. All
// else says by the length of what it gives where a line or a message ends.
static ssize_t read_untried(int fd, char *buffer, size_t count) {
  dev_t device, same;
  if (count < DEVICE_LEAST || !is_memory_device(fd, &device)) return real_read()(fd, buffer, count);
  // /dev/random and /dev/urandom.
  ssize_t cost = minor(device) == 8 || minor(device) == 9 ? RANDOM_COST : 1;
  size_t done = 0;
  for (;;) {
    size_t piece = count - done < DEVICE_PIECE ? count - done : DEVICE_PIECE;
    ssize_t result = real_read()(fd, buffer + done, piece);
    if (result <= 0) return done > 0 ? (ssize_t)done : result;
    done += (size_t)result;
    spend_bytes(result * cost);
    if ((size_t)result < piece || done == count) return (ssize_t)done;
    spending_table(fd);
    // Others may have closed it, and the number be another's.
    if (!is_memory_device(fd, &same) || same != device) return (ssize_t)done;
  }
}

static ssize_t try_write(int fd, enum descriptor_kind kind, const void *bytes, size_t count) {
  if (kind == KIND_SOCKET) return real_send()(fd, bytes, count, MSG_DONTWAIT);
  struct iovec part = {(void *)bytes, count};
  return real_pwritev2()(fd, &part, 1, -1, RWF_NOWAIT);
}

WAITS(ssize_t, read, (int fd, void *buffer, size_t count), (fd, buffer, count)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL || !is_transfer(count)) return real_read()(fd, buffer, count);
  enum descriptor_kind kind = credirect_kind_of(fd);
  struct waiting waiting = WAITING(table, fd, POLLIN, kind == KIND_SOCKET ? SO_RCVTIMEO : 0);
  while (kind == KIND_SOCKET || kind == KIND_STREAM) {
    ssize_t result = try_read(fd, kind, buffer, count);
    if (result >= 0) return result;
    if (errno == EINTR || credirect_corrects_kind(fd, &kind)) continue;
    if (errno != EAGAIN) return -1;
    int error = credirect_wait_to_retry(&waiting);
    if (error != 0) return credirect_ended(error);
  }
  if (kind == KIND_WAITABLE) {
    int error = credirect_wait_untried(table, fd, POLLIN);
    if (error != 0) return fail(error);
    return read_untried(fd, buffer, count);
  }
  if (credirect_is_long(count)) {
    struct iovec part = {buffer, count};
    return credirect_read_file(table, fd, &part, 1, -1, 0);
  }
  return real_read()(fd, buffer, count);
}

// Writes what cannot be tried, from the byte `done` on. Readiness promises a FIFO room for PIPE_BUF bytes and no more.
static ssize_t write_untried(const credirect_table *table, int fd, const char *bytes, size_t count, size_t done) {
  size_t most = SIZE_MAX;
  struct stat status;
  bool waits = !credirect_is_nonblocking(fd);
  if (waits && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)) most = PIPE_BUF;
  while (done < count) {
    if (waits) {
      int error = credirect_wait_untried(table, fd, POLLOUT);
      if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
    }
    size_t part = count - done < most ? count - done : most;
    ssize_t result = real_write()(fd, bytes + done, part);
    if (result < 0) return done > 0 ? (ssize_t)done : -1;
    done += (size_t)result;
    if (!waits || (size_t)result < part) break;
  }
  return (ssize_t)done;
}

static ssize_t write_direct(const credirect_table *table, int fd, const void *bytes, size_t count) {
  if (!credirect_is_long(count)) return real_write()(fd, bytes, count);
  struct iovec part = {(void *)bytes, count};
  return credirect_write_file(table, fd, &part, 1, -1, 0);
}

WAITS(ssize_t, write, (int fd, const void *bytes, size_t count), (fd, bytes, count)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL || !is_transfer(count)) return real_write()(fd, bytes, count);
  if (count > MOST_OF_ONE_CALL) count = MOST_OF_ONE_CALL;
  enum descriptor_kind kind = credirect_kind_of(fd);
  struct waiting waiting = WAITING(table, fd, POLLOUT, kind == KIND_SOCKET ? SO_SNDTIMEO : 0);
  size_t done = 0;
  while (kind == KIND_SOCKET || kind == KIND_STREAM) {
    ssize_t result = try_write(fd, kind, (const char *)bytes + done, count - done);
    if (result >= 0) {
      done += (size_t)result;
      waiting.fruitless = 0;
      if (done == count || result == 0) return (ssize_t)done;
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
  if (kind == KIND_DIRECT && done == 0) return write_direct(table, fd, bytes, count);
  return write_untried(table, fd, bytes, count, done);
}

ALIAS(read, __read)
ALIAS(write, __write)
