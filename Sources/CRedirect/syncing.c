// Calls that last until a device has done its part: fsync(2) and its kin, msync(2), copy_file_range(2), fallocate(2) and
// posix_fallocate(3).
//
// The kernel has no way to wait for that beside the call itself, which a thread of the offload pool makes.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

REAL(fsync)
REAL(fdatasync)
REAL(sync)
REAL(syncfs)
REAL(sync_file_range)
REAL(msync)
REAL(copy_file_range)
REAL(fallocate)
REAL(posix_fallocate)

struct call {
  int fd, flags;
  off64_t offset, length;
  void *memory;
  // copy_file_range(2)
  int out;
  off64_t *in_place, *out_place;
};

static ssize_t of_fsync(void *context) {
  const struct call *call = context;
  return real_fsync()(call->fd);
}
static ssize_t of_fdatasync(void *context) {
  const struct call *call = context;
  return real_fdatasync()(call->fd);
}
static ssize_t of_syncfs(void *context) {
  const struct call *call = context;
  return real_syncfs()(call->fd);
}
static ssize_t of_sync(void *context) {
  (void)context;
  real_sync()();
  return 0;
}
static ssize_t of_sync_file_range(void *context) {
  const struct call *call = context;
  return real_sync_file_range()(call->fd, call->offset, call->length, (unsigned)call->flags);
}
static ssize_t of_msync(void *context) {
  const struct call *call = context;
  return real_msync()(call->memory, (size_t)call->length, call->flags);
}
static ssize_t of_copy(void *context) {
  const struct call *call = context;
  return real_copy_file_range()(call->fd, call->in_place, call->out, call->out_place, (size_t)call->length,
                                (unsigned)call->flags);
}

static ssize_t of_fallocate(void *context) {
  const struct call *call = context;
  return real_fallocate()(call->fd, call->flags, call->offset, call->length);
}
static ssize_t of_posix_fallocate(void *context) {
  const struct call *call = context;
  return real_posix_fallocate()(call->fd, call->offset, call->length);
}

WAITS(int, fsync, (int fd), (fd)) {
  struct call call = {.fd = fd};
  return (int)credirect_offload(fiber_table(), of_fsync, &call);
}

WAITS(int, fdatasync, (int fd), (fd)) {
  struct call call = {.fd = fd};
  return (int)credirect_offload(fiber_table(), of_fdatasync, &call);
}

WAITS(int, syncfs, (int fd), (fd)) {
  struct call call = {.fd = fd};
  return (int)credirect_offload(fiber_table(), of_syncfs, &call);
}

REDIRECTED void sync(void) {
  int saved = errno;
  credirect_offload(fiber_table(), of_sync, NULL);
  errno = saved;
}

WAITS(int, sync_file_range, (int fd, off64_t offset, off64_t length, unsigned flags), (fd, offset, length, flags)) {
  struct call call = {.fd = fd, .offset = offset, .length = length, .flags = (int)flags};
  return (int)credirect_offload(fiber_table(), of_sync_file_range, &call);
}

WAITS(int, msync, (void *memory, size_t length, int flags), (memory, length, flags)) {
  struct call call = {.memory = memory, .length = (off64_t)length, .flags = flags};
  return (int)credirect_offload((flags & MS_SYNC) != 0 ? fiber_table() : NULL, of_msync, &call);
}

WAITS(ssize_t, copy_file_range,
      (int in, off64_t *in_place, int out, off64_t *out_place, size_t length, unsigned flags),
      (in, in_place, out, out_place, length, flags)) {
  struct call call = {.fd = in, .in_place = in_place, .out = out, .out_place = out_place,
                      .length = (off64_t)length, .flags = (int)flags};
  return credirect_offload(credirect_moves_much(length) ? fiber_table() : NULL, of_copy, &call);
}

// Where the file system cannot do it at once, glibc writes to every page.
WAITS(int, fallocate, (int fd, int mode, off_t offset, off_t length), (fd, mode, offset, length)) {
  struct call call = {.fd = fd, .flags = mode, .offset = offset, .length = length};
  return (int)credirect_offload(length > (off_t)HELD_TOO_LONG ? fiber_table() : NULL, of_fallocate, &call);
}

// Returns its error.
REDIRECTED int posix_fallocate(int fd, off_t offset, off_t length) {
  int saved = errno;
  struct call call = {.fd = fd, .offset = offset, .length = length};
  int result = (int)credirect_offload(length > (off_t)HELD_TOO_LONG ? fiber_table() : NULL, of_posix_fallocate, &call);
  errno = saved;
  return result;
}

// off_t has 64 bits, as off64_t has.
ALIAS(fallocate, fallocate64)
ALIAS(posix_fallocate, posix_fallocate64)
