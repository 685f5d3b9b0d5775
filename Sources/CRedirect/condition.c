// pthread_cond_wait(3p), pthread_cond_timedwait, pthread_cond_clockwait, pthread_cond_signal, pthread_cond_broadcast: a
// fiber waits in the hub, a thread in the kernel, and a signal wakes one of each.
//
// POSIX lets a signal wake more than one, and lets a wait end without any. Nothing but a wake or its own deadline ends a
// fiber's wait, not even a cancellation: whoever waits here often waits for another thread to be done with memory that is
// freed after the call, and much code (libuv, CPython) ends the process on an error.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <pthread.h>

// Without a version the symbol of glibc 2.2.5 might be found, whose conditions have another layout.
#define credirect_find(name, interceptor) credirect_find_version(name, interceptor, "GLIBC_2.3.2")
REAL(pthread_cond_wait)
REAL(pthread_cond_timedwait)
REAL(pthread_cond_signal)
REAL(pthread_cond_broadcast)
#undef credirect_find
REAL(pthread_cond_clockwait)

// nptl/pthread_cond_common.c: bit 0 of __wrefs is "shared between processes", bit 1 "measured by the monotonic clock".
static unsigned flags(const pthread_cond_t *condition) {
  return __atomic_load_n(&condition->__data.__wrefs, __ATOMIC_RELAXED);
}
#define SHARED 1u
#define MONOTONIC 2u

static bool always(void *context) {
  (void)context;
  return true;
}

// Called when a signal can no longer be missed.
static void release(void *mutex) { pthread_mutex_unlock(mutex); }

static int wait_in_fiber(const credirect_table *table, pthread_cond_t *condition, pthread_mutex_t *mutex,
                         int64_t deadline) {
  struct holder *holder = credirect_holder(mutex);
  // As glibc says of a mutex that knows its holder; the waiter's error, before anything is unlocked.
  if (holder != NULL && holder->fiber != cfiber_identity()) return EPERM;
  int64_t until = deadline;
  if ((flags(condition) & SHARED) != 0) {
    // The signal of another process cannot be seen: wake now and then, for nothing perhaps.
    int64_t next = deadline_after(5000000);
    if (next < until) until = next;
  }
  const credirect_object_wait wait = {.address = condition, .name = "the pthread condition", .queued = release};
  int error = credirect_wait_for(table, &wait, always, mutex, until, NULL);
  if (error == EAGAIN && until < deadline) error = 0;
  int locked = pthread_mutex_lock(mutex);
  if (locked != 0) return locked;
  return error == EAGAIN ? ETIMEDOUT : 0;
}

REDIRECTED int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_pthread_cond_wait()(condition, mutex);
  return wait_in_fiber(table, condition, mutex, NEVER);
}

REDIRECTED int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !credirect_is_valid_time(time)) return real_pthread_cond_timedwait()(condition, mutex, time);
  clockid_t clock = (flags(condition) & MONOTONIC) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  return wait_in_fiber(table, condition, mutex, credirect_deadline(clock, time));
}

REDIRECTED int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                      const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) || !credirect_is_valid_time(time)) {
    return real_pthread_cond_clockwait()(condition, mutex, clock, time);
  }
  return wait_in_fiber(table, condition, mutex, credirect_deadline(clock, time));
}

REDIRECTED int pthread_cond_signal(pthread_cond_t *condition) {
  int result = real_pthread_cond_signal()(condition);
  credirect_unpark(condition, false);
  return result;
}

REDIRECTED int pthread_cond_broadcast(pthread_cond_t *condition) {
  int result = real_pthread_cond_broadcast()(condition);
  credirect_unpark(condition, true);
  return result;
}
