// pthread mutexes belong to the fiber that locked them.
//
// The real mutex stays the lock: a fiber only ever tries it, and parks while another holds it. Since glibc knows
// threads and not fibers, a recursive or error-checking mutex would let every fiber of the holder's thread in: for
// those the holder is kept here too.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <pthread.h>
#include <stdlib.h>

REAL(pthread_mutex_lock)
REAL(pthread_mutex_trylock)
REAL(pthread_mutex_timedlock)
REAL(pthread_mutex_clocklock)
REAL(pthread_mutex_unlock)

// ---- The holders of mutexes that know their holder ----------------------------------------------------------------

struct holder {
  pthread_mutex_t *mutex;
  uintptr_t fiber;
  unsigned depth;
};
static _Thread_local struct holder *holders;
static _Thread_local size_t holder_count, holder_capacity;

// Whether glibc compares the mutex's owner with the calling thread. The kind is in the low bits (sysdeps/nptl/bits/
// struct_mutex.h): recursive 1, error-checking 2; the bits above make it robust or give it a protocol, which does too.
static bool knows_holder(const pthread_mutex_t *mutex) {
#ifdef __GLIBC__
  int kind = mutex->__data.__kind;
  return (kind & 3) == PTHREAD_MUTEX_RECURSIVE || (kind & 3) == PTHREAD_MUTEX_ERRORCHECK || (kind & 0x30) != 0;
#else
  (void)mutex;
  return true;
#endif
}

static struct holder *find(const pthread_mutex_t *mutex) {
  for (size_t i = holder_count; i > 0; i--) {
    if (holders[i - 1].mutex == mutex) return &holders[i - 1];
  }
  return NULL;
}

static bool make_room(void) {
  if (holder_count < holder_capacity) return true;
  size_t capacity = holder_capacity == 0 ? 8 : holder_capacity * 2;
  struct holder *grown = realloc(holders, capacity * sizeof *grown);
  if (grown == NULL) return false;
  holders = grown;
  holder_capacity = capacity;
  return true;
}

// ---- Locking ------------------------------------------------------------------------------------------------------

struct attempt {
  pthread_mutex_t *mutex;
  uintptr_t fiber;
  bool knows_holder;
  int result;
};

// Tries to lock for a fiber: 0, EBUSY, or what the real call says.
static int try_for_fiber(struct attempt *attempt) {
  if (!attempt->knows_holder) return real_pthread_mutex_trylock()(attempt->mutex);
  struct holder *holder = find(attempt->mutex);
  if (holder != NULL && holder->fiber != attempt->fiber) return EBUSY;
  if (holder == NULL && !make_room()) return ENOMEM;
  int result = real_pthread_mutex_trylock()(attempt->mutex);
  // EOWNERDEAD is a lock too: pthread_mutex_lock(3p).
  if (result != 0 && result != EOWNERDEAD) return result;
  if (holder != NULL) holder->depth++;
  else holders[holder_count++] = (struct holder){attempt->mutex, attempt->fiber, 1};
  return result;
}

static bool is_still_busy(void *context) {
  struct attempt *attempt = context;
  attempt->result = try_for_fiber(attempt);
  return attempt->result == EBUSY;
}

// Locks for a fiber; `deadline` is of the monotonic clock.
static int lock_for_fiber(const green_redirect_table *table, pthread_mutex_t *mutex, int64_t deadline) {
  struct attempt attempt = {mutex, table->identity(), knows_holder(mutex), 0};
  attempt.result = try_for_fiber(&attempt);
  if (attempt.result != EBUSY) return attempt.result;
  // An error-checking mutex that its own fiber asks for again: glibc says EDEADLK.
  struct holder *holder = attempt.knows_holder ? find(mutex) : NULL;
  if (holder != NULL && holder->fiber == attempt.fiber) return real_pthread_mutex_lock()(mutex);
  unsigned recheck = 0;
  while (attempt.result == EBUSY) {
    int error = green_park(table, mutex, is_still_busy, &attempt, deadline, &recheck);
    if (attempt.result != EBUSY) break;
    attempt.result = try_for_fiber(&attempt);
    if (attempt.result == EBUSY && error == EAGAIN) return ETIMEDOUT;
  }
  return attempt.result;
}

static int64_t monotonic_deadline(clockid_t clock, const struct timespec *time) {
  int64_t wanted = nanoseconds_of(time->tv_sec, time->tv_nsec);
  if (clock == CLOCK_MONOTONIC) return wanted;
  struct timespec now;
  clock_gettime(clock, &now);
  int64_t left = wanted - nanoseconds_of(now.tv_sec, now.tv_nsec);
  return left <= 0 ? 0 : deadline_after(left);
}

REDIRECTED int pthread_mutex_lock(pthread_mutex_t *mutex) {
  const green_redirect_table *table = fiber_table();
  return table == NULL ? real_pthread_mutex_lock()(mutex) : lock_for_fiber(table, mutex, NEVER);
}

REDIRECTED int pthread_mutex_trylock(pthread_mutex_t *mutex) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL) return real_pthread_mutex_trylock()(mutex);
  struct attempt attempt = {mutex, table->identity(), knows_holder(mutex), 0};
  return try_for_fiber(&attempt);
}

REDIRECTED int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *time) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL || !is_valid_time(time)) return real_pthread_mutex_timedlock()(mutex, time);
  return lock_for_fiber(table, mutex, monotonic_deadline(CLOCK_REALTIME, time));
}

REDIRECTED int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *time) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) || !is_valid_time(time)) {
    return real_pthread_mutex_clocklock()(mutex, clock, time);
  }
  return lock_for_fiber(table, mutex, monotonic_deadline(clock, time));
}

REDIRECTED int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  if (holder_count > 0) {
    const green_redirect_table *table = fiber_table();
    struct holder *holder = find(mutex);
    if (holder != NULL && table != NULL && holder->fiber != table->identity()) return EPERM;
    if (holder != NULL && --holder->depth == 0) *holder = holders[--holder_count];
  }
  int result = real_pthread_mutex_unlock()(mutex);
  if (result == 0) green_unpark(mutex, false);
  return result;
}
