// The names that calls have in code compiled with _FORTIFY_SOURCE, as Debian's libraries are: the same calls, with the
// size of the buffer checked first.

#include "redirect.h"

#include <CReport.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

// glibc: reports the overflow and ends the process.
extern void __chk_fail(void) __attribute__((noreturn));

ssize_t __read_chk(int fd, void *buffer, size_t count, size_t size);
ssize_t __pread_chk(int fd, void *buffer, size_t count, off_t offset, size_t size);
ssize_t __pread64_chk(int fd, void *buffer, size_t count, off_t offset, size_t size);
ssize_t __recv_chk(int fd, void *buffer, size_t count, size_t size, int flags);
ssize_t __recvfrom_chk(int fd, void *buffer, size_t count, size_t size, int flags, struct sockaddr *address,
                       socklen_t *length);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask, size_t size);
long __fdelt_chk(long fd);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

REDIRECTED ssize_t __read_chk(int fd, void *buffer, size_t count, size_t size) {
  if (count > size) __chk_fail();
  return read(fd, buffer, count);
}

REDIRECTED ssize_t __pread_chk(int fd, void *buffer, size_t count, off_t offset, size_t size) {
  if (count > size) __chk_fail();
  return pread(fd, buffer, count, offset);
}

REDIRECTED ssize_t __recv_chk(int fd, void *buffer, size_t count, size_t size, int flags) {
  if (count > size) __chk_fail();
  return recv(fd, buffer, count, flags);
}

REDIRECTED ssize_t __recvfrom_chk(int fd, void *buffer, size_t count, size_t size, int flags,
                                  struct sockaddr *address, socklen_t *length) {
  if (count > size) __chk_fail();
  return recvfrom(fd, buffer, count, flags, address, length);
}

REDIRECTED int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size) {
  if (size / sizeof *fds < count) __chk_fail();
  return poll(fds, count, timeout);
}

REDIRECTED int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask,
                           size_t size) {
  if (size / sizeof *fds < count) __chk_fail();
  return ppoll(fds, count, time, mask);
}

// FD_SET and the like. The set has no room for it: this ends the process as glibc's own does, but says why.
REDIRECTED long __fdelt_chk(long fd) {
  if (fd < 0 || fd >= FD_SETSIZE) {
    creport_format("descriptor %ld is put into an fd_set, which has room for %d: use poll", fd, FD_SETSIZE);
    __chk_fail();
  }
  return fd / NFDBITS;
}

// An open without a mode must not be one that creates.
static void check_mode(int flags) {
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) __chk_fail();
}

REDIRECTED int __open_2(const char *path, int flags) {
  check_mode(flags);
  return open(path, flags);
}

REDIRECTED int __open64_2(const char *path, int flags) {
  check_mode(flags);
  return open64(path, flags);
}

REDIRECTED int __openat_2(int folder, const char *path, int flags) {
  check_mode(flags);
  return openat(folder, path, flags);
}

REDIRECTED int __openat64_2(int folder, const char *path, int flags) {
  check_mode(flags);
  return openat64(folder, path, flags);
}

ALIAS(__pread_chk, __pread64_chk)
