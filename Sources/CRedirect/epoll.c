// epoll_wait(2), epoll_pwait(2), epoll_pwait2(2): an epoll set is itself readable when something in it is ready.

#define FAMILY GREEN_MULTIPLEXING
#include "redirect.h"

#include <poll.h>
#include <sys/epoll.h>

REAL(epoll_wait)
REAL(epoll_pwait)
REAL(epoll_pwait2)
REAL(ppoll)

struct look {
  int set;
  struct epoll_event *events;
  int count;
  const sigset_t *mask;
};

static int look(void *context) {
  const struct look *look = context;
  if (look->mask != NULL) {
    // epoll_pwait without a time does not let signals through, ppoll does.
    struct pollfd set = {look->set, POLLIN, 0};
    struct timespec none = {0, 0};
    if (real_ppoll()(&set, 1, &none, look->mask) < 0) return -1;
  }
  return real_epoll_wait()(look->set, look->events, look->count, 0);
}

static int wait_until(const credirect_table *table, struct look *look_at, int64_t deadline) {
  struct pollfd set = {look_at->set, POLLIN, 0};
  struct multiplex call = {look, look_at, &set, 1, deadline, look_at->mask};
  return credirect_multiplex(table, &call);
}

static int64_t deadline_in(int milliseconds) {
  return milliseconds < 0 ? NEVER : deadline_after((int64_t)milliseconds * 1000000);
}

WAITS(int, epoll_wait, (int set, struct epoll_event *events, int count, int timeout), (set, events, count, timeout)) {
  const credirect_table *table;
  if (timeout == 0 || (table = spending_table(-1)) == NULL) return real_epoll_wait()(set, events, count, timeout);
  struct look look_at = {set, events, count, NULL};
  return wait_until(table, &look_at, deadline_in(timeout));
}

WAITS(int, epoll_pwait, (int set, struct epoll_event *events, int count, int timeout, const sigset_t *mask),
      (set, events, count, timeout, mask)) {
  const credirect_table *table;
  if (timeout == 0 || (table = spending_table(-1)) == NULL) return real_epoll_pwait()(set, events, count, timeout, mask);
  struct look look_at = {set, events, count, mask};
  return wait_until(table, &look_at, deadline_in(timeout));
}

WAITS(int, epoll_pwait2, (int set, struct epoll_event *events, int count, const struct timespec *time,
        const sigset_t *mask),
      (set, events, count, time, mask)) {
  const credirect_table *table = spending_table(-1);
  if (table == NULL || (time != NULL && !is_valid_time(time))) {
    __typeof__(epoll_pwait2) *real = real_epoll_pwait2();
    return real != NULL ? real(set, events, count, time, mask) : fail(ENOSYS);
  }
  struct look look_at = {set, events, count, mask};
  return wait_until(table, &look_at, credirect_deadline_of(time));
}
