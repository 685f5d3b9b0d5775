// The names that calls have in code compiled with _FORTIFY_SOURCE, as Debian's libraries are: the same calls, with the
// size of the buffer checked first.

#include "redirect.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

// glibc: reports the overflow and ends the process.
extern void __chk_fail(void) __attribute__((noreturn));

ssize_t __read_chk(int fd, void *buffer, size_t count, size_t size);
ssize_t __recv_chk(int fd, void *buffer, size_t count, size_t size, int flags);
int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size);

REDIRECTED ssize_t __read_chk(int fd, void *buffer, size_t count, size_t size) {
  if (count > size) __chk_fail();
  return read(fd, buffer, count);
}

REDIRECTED ssize_t __recv_chk(int fd, void *buffer, size_t count, size_t size, int flags) {
  if (count > size) __chk_fail();
  return recv(fd, buffer, count, flags);
}

REDIRECTED int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size) {
  if (size / sizeof *fds < count) __chk_fail();
  return poll(fds, count, timeout);
}
