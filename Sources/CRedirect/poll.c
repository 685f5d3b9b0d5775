// poll(2): the kernel says what is ready, the hub waits until something may be.

#include "redirect.h"

#include <poll.h>

REAL(poll)

// The loop watches for "readable" and "writable". Other events alone it would miss, or report again and again.
static bool is_watchable(const struct pollfd *fds, nfds_t count) {
  for (nfds_t i = 0; i < count; i++) {
    if (fds[i].fd >= 0 && (fds[i].events & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM)) == 0) return false;
  }
  return true;
}

// Waits until something may have happened.
static int wait_for_any(const green_redirect_table *table, const struct pollfd *fds, nfds_t count, int64_t deadline,
                        int64_t *pause) {
  if (count == 0) return table->sleep_until(deadline);
  if (is_watchable(fds, count)) return table->wait_descriptors(fds, count, deadline);
  int64_t next = deadline_after(*pause);
  if (*pause < 16000000) *pause *= 2;
  return table->sleep_until(next < deadline ? next : deadline);
}

REDIRECTED int poll(struct pollfd *fds, nfds_t count, int timeout) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL || timeout == 0) return real_poll()(fds, count, timeout);
  int64_t deadline = timeout < 0 ? NEVER : deadline_after((int64_t)timeout * 1000000);
  int64_t pause = 1000000;
  for (;;) {
    int result = real_poll()(fds, count, 0);
    if (result != 0) return result;
    if (deadline != NEVER && monotonic_now() >= deadline) return 0;
    int error = wait_for_any(table, fds, count, deadline, &pause);
    if (error != 0 && error != EAGAIN && error != EBADF) {
      errno = error;
      return -1;
    }
  }
}
