// poll(2): the kernel says what is ready, the hub waits until something may be.

#include "redirect.h"

#include <poll.h>

REAL(poll)

REDIRECTED int poll(struct pollfd *fds, nfds_t count, int timeout) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL || timeout == 0) return real_poll()(fds, count, timeout);
  int64_t deadline = timeout < 0 ? NEVER : deadline_after((int64_t)timeout * 1000000);
  for (;;) {
    int result = real_poll()(fds, count, 0);
    if (result != 0) return result;
    if (deadline != NEVER && monotonic_now() >= deadline) return 0;
    int error = count == 0 ? table->sleep_until(deadline) : table->wait_descriptors(fds, count, deadline);
    if (error != 0 && error != ETIMEDOUT && error != EBADF) {
      errno = error;
      return -1;
    }
  }
}
