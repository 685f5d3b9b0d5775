// poll(2), ppoll(2).

#define FAMILY GREEN_MULTIPLEXING
#include "redirect.h"

#include <poll.h>

REAL(poll)
REAL(ppoll)

// The kernel's count has 32 bits, and what is above them it does not see.
#define KERNEL_COUNT(count) ((unsigned)(count))

struct look {
  struct pollfd *fds;
  nfds_t count;
  const sigset_t *mask;
};

static int look(void *context) {
  const struct look *look = context;
  if (look->mask == NULL) return real_poll()(look->fds, look->count, 0);
  struct timespec none = {0, 0};
  return real_ppoll()(look->fds, look->count, &none, look->mask);
}

static int poll_until(const credirect_table *table, struct look *look_at, int64_t deadline) {
  struct multiplex call = {look, look_at, look_at->fds, look_at->count, deadline, look_at->mask};
  return credirect_multiplex(table, &call);
}

WAITS(int, poll, (struct pollfd *fds, nfds_t count, int timeout), (fds, count, timeout)) {
  const credirect_table *table;
  if (timeout == 0 || (table = spending_table(-1)) == NULL) return real_poll()(fds, count, timeout);
  struct look look_at = {fds, KERNEL_COUNT(count), NULL};
  return poll_until(table, &look_at, timeout < 0 ? NEVER : deadline_after((int64_t)timeout * 1000000));
}

WAITS(int, ppoll, (struct pollfd *fds, nfds_t count, const struct timespec *time, const sigset_t *mask),
      (fds, count, time, mask)) {
  const credirect_table *table = spending_table(-1);
  if (table == NULL || (time != NULL && !is_valid_time(time))) return real_ppoll()(fds, count, time, mask);
  struct look look_at = {fds, KERNEL_COUNT(count), mask};
  return poll_until(table, &look_at, credirect_deadline_of(time));
}

ALIAS(poll, __poll)
