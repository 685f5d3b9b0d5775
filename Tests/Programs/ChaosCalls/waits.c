// Calls that wait.

#include "chaos.h"

#include <poll.h>
#include <sys/epoll.h>
#include <time.h>

REAL(poll)
REAL(ppoll)
REAL(epoll_wait)
REAL(epoll_ctl)
REAL(clock_nanosleep)

INJECTED int poll(struct pollfd *entries, nfds_t count, int timeout) {
  switch (chaos_fate(CHAOS_POLL)) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_FAILING: return FAIL(ENOMEM);
  default: return real_poll()(entries, count, timeout);
  }
}

INJECTED int ppoll(struct pollfd *entries, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
  switch (chaos_fate(CHAOS_PPOLL)) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_FAILING: return FAIL(ENOMEM);
  default: return real_ppoll()(entries, count, timeout, mask);
  }
}

INJECTED int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
  switch (chaos_fate(CHAOS_EPOLL_WAIT)) {
  case FATE_PASSING: return FAIL(EINTR);
  case FATE_LESS: return real_epoll_wait()(fd, events, (int)chaos_less((size_t)most), timeout);
  default: return real_epoll_wait()(fd, events, most, timeout);
  }
}

// To change a watch takes no memory, and does not fail.
INJECTED int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  if (operation == EPOLL_CTL_ADD && chaos_fate(CHAOS_EPOLL_CTL) == FATE_FAILING) return FAIL(ENOMEM, ENOSPC);
  return real_epoll_ctl()(epoll, operation, fd, event);
}

// Reports its error as its result.
INJECTED int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest) {
  if (chaos_fate(CHAOS_SLEEP) == FATE_PASSING) return EINTR;
  return real_clock_nanosleep()(clock, flags, time, rest);
}
