// tee(2), vmsplice(2): into and between pipes; eventfd_read(3), eventfd_write(3).

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

REAL(tee)
REAL(vmsplice)

WAITS(ssize_t, tee, (int in, int out, size_t count, unsigned flags), (in, out, count, flags)) {
  const credirect_table *table = (flags & SPLICE_F_NONBLOCK) == 0 && count > 0 ? fiber_table() : NULL;
  if (table == NULL) return real_tee()(in, out, count, flags);
  for (;;) {
    ssize_t result = real_tee()(in, out, count, flags | SPLICE_F_NONBLOCK);
    if (result >= 0 || errno != EAGAIN) return result;
    int error = credirect_wait_for_both(table, in, out);
    // Ready, and yet not: somebody else was faster.
    if (error == 0) error = table->sleep_until(0);
    if (error != 0) return fail(error);
  }
}

// O_NONBLOCK is not asked for by the kernel: the call's flag alone keeps it from waiting.
WAITS(ssize_t, vmsplice, (int fd, const struct iovec *parts, size_t count, unsigned flags),
      (fd, parts, count, flags)) {
  const credirect_table *table = (flags & SPLICE_F_NONBLOCK) == 0 ? fiber_table() : NULL;
  if (table == NULL) return real_vmsplice()(fd, parts, count, flags);
  for (;;) {
    ssize_t result = real_vmsplice()(fd, parts, count, flags | SPLICE_F_NONBLOCK);
    if (result >= 0 || errno != EAGAIN) return result;
    bool writes = (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
    int error = table->wait_descriptor(fd, writes ? POLLOUT : POLLIN, NEVER);
    if (error != 0) return fail(error);
  }
}

REDIRECTED int eventfd_read(int fd, eventfd_t *value) {
  return read(fd, value, sizeof *value) == (ssize_t)sizeof *value ? 0 : -1;
}

REDIRECTED int eventfd_write(int fd, eventfd_t value) {
  return write(fd, &value, sizeof value) == (ssize_t)sizeof value ? 0 : -1;
}
