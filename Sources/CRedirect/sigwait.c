// sigwait(3), sigwaitinfo(2), sigtimedwait: the fiber waits for a signal, its thread does not.

#include "signals.h"

#include <unistd.h>

REAL(sigwait)
REAL(sigtimedwait)
REAL(sigwaitinfo)

static int take(const credirect_table *table, const sigset_t *set, siginfo_t *info, int64_t deadline) {
  static const struct timespec at_once = {0, 0};
  int number = real_sigtimedwait()(set, info, &at_once);
  if (number > 0 || errno != EAGAIN || deadline == 0) return number;
  credirect_hold_back(set);
  int fd = -1, error = 0;
  while (number < 0 && error == 0) {
    error = credirect_wait_until_pending(table, set, &fd, deadline);
    number = real_sigtimedwait()(set, info, &at_once);
    if (number < 0 && errno != EAGAIN && errno != EINTR && error == 0) error = errno;
  }
  credirect_let_through(set);
  if (fd >= 0) close(fd);
  if (number < 0) errno = error;
  return number;
}

WAITS(int, sigtimedwait, (const sigset_t *restrict set, siginfo_t *restrict info,
        const struct timespec *restrict timeout),
      (set, info, timeout)) {
  const credirect_table *table = fiber_table();
  bool is_plain = table == NULL || (timeout != NULL && (!credirect_is_valid_time(timeout) || timeout->tv_sec < 0));
  if (is_plain) return real_sigtimedwait()(set, info, timeout);
  int64_t wait = timeout == NULL ? NEVER : nanoseconds_of(timeout->tv_sec, timeout->tv_nsec);
  return take(table, set, info, wait == 0 ? 0 : deadline_after(wait));
}

WAITS(int, sigwaitinfo, (const sigset_t *restrict set, siginfo_t *restrict info), (set, info)) {
  const credirect_table *table = fiber_table();
  return table == NULL ? real_sigwaitinfo()(set, info) : take(table, set, info, NEVER);
}

WAITS(int, sigwait, (const sigset_t *restrict set, int *restrict number), (set, number)) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_sigwait()(set, number);
  int saved = errno;
  int taken = take(table, set, NULL, NEVER);
  int error = errno;
  errno = saved;
  if (taken < 0) return error;
  *number = taken;
  return 0;
}

ALIAS(sigtimedwait, __sigtimedwait)
