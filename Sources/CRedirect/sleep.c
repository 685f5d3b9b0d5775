// sleep(3), usleep(3), nanosleep(2), clock_nanosleep(2), thrd_sleep(3): the fiber sleeps, its thread does not.
//
// A cancelled fiber's sleep ends early with the rest that was left, as a signal would end it, but with ECANCELED and not
// EINTR (ETIMEDOUT where a deadline that the fiber is under has passed): after EINTR, code sleeps again.

#define FAMILY GREEN_SLEEP
#include "redirect.h"

#include <threads.h>
#include <unistd.h>

REAL(sleep)
REAL(usleep)
REAL(nanosleep)
REAL(clock_nanosleep)
REAL(thrd_sleep)

// Sleeps; 0, or an errno with what was left.
static int sleep_for(const credirect_table *table, int64_t nanoseconds, struct timespec *rest) {
  int64_t deadline = deadline_after(nanoseconds);
  int error = table->sleep_until(deadline);
  if (error == 0) return 0;
  int64_t left = deadline - monotonic_now();
  if (left < 0) left = 0;
  if (rest != NULL) {
    rest->tv_sec = left / 1000000000;
    rest->tv_nsec = left % 1000000000;
  }
  return error;
}

REDIRECTED unsigned sleep(unsigned seconds) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_sleep()(seconds);
  struct timespec rest = {0, 0};
  if (sleep_for(table, nanoseconds_of(seconds, 0), &rest) == 0) return 0;
  return (unsigned)rest.tv_sec + (rest.tv_nsec > 0);
}

WAITS(int, usleep, (useconds_t microseconds), (microseconds)) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_usleep()(microseconds);
  int error = sleep_for(table, (int64_t)microseconds * 1000, NULL);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

WAITS(int, nanosleep, (const struct timespec *time, struct timespec *rest), (time, rest)) {
  const credirect_table *table = fiber_table();
  // What is wrong with the arguments the kernel says best.
  if (table == NULL || time == NULL || !is_valid_time(time)) return real_nanosleep()(time, rest);
  int error = sleep_for(table, nanoseconds_of(time->tv_sec, time->tv_nsec), rest);
  if (error == 0) return 0;
  errno = error;
  return -1;
}

WAITS(int, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *time, struct timespec *rest),
      (clock, flags, time, rest)) {
  const credirect_table *table = fiber_table();
  if (table == NULL || time == NULL || !is_valid_time(time)) return real_clock_nanosleep()(clock, flags, time, rest);
  // The other clocks count processor time or may be suspended: the kernel knows them.
  if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) return real_clock_nanosleep()(clock, flags, time, rest);
  int64_t wanted = nanoseconds_of(time->tv_sec, time->tv_nsec);
  if ((flags & TIMER_ABSTIME) == 0) return sleep_for(table, wanted, rest);
  if (clock == CLOCK_MONOTONIC) return table->sleep_until(wanted);
  // A wall-clock time: look at that clock again at least every second, since it may be set.
  for (;;) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t left = wanted - nanoseconds_of(now.tv_sec, now.tv_nsec);
    if (left <= 0) return 0;
    int error = table->sleep_until(deadline_after(left < 1000000000 ? left : 1000000000));
    if (error != 0) return error;
  }
}

REDIRECTED int thrd_sleep(const struct timespec *time, struct timespec *rest) {
  const credirect_table *table = fiber_table();
  if (table == NULL || time == NULL || !is_valid_time(time)) return real_thrd_sleep()(time, rest);
  // -1 means a signal, which code answers by sleeping again; other errors are below that.
  return sleep_for(table, nanoseconds_of(time->tv_sec, time->tv_nsec), rest) == 0 ? 0 : -2;
}

ALIAS(nanosleep, __nanosleep)
