// pthread read-write locks belong to the fibers that hold them.
//
// As with mutexes the real lock stays the lock, and a fiber only ever tries it. Which fibers hold it is kept here, so
// that one which asks for its own again is told, and so that a report can name them.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <pthread.h>

REAL(pthread_rwlock_rdlock)
REAL(pthread_rwlock_tryrdlock)
REAL(pthread_rwlock_timedrdlock)
REAL(pthread_rwlock_clockrdlock)
REAL(pthread_rwlock_wrlock)
REAL(pthread_rwlock_trywrlock)
REAL(pthread_rwlock_timedwrlock)
REAL(pthread_rwlock_clockwrlock)
REAL(pthread_rwlock_unlock)

// A reader's depth is the number of its read locks; the writer's is this.
#define WRITER 0x80000000u

struct attempt {
  pthread_rwlock_t *lock;
  uintptr_t fiber;
  bool is_write;
  int result;
  struct attempt *next;
};

// The writers of this thread that wait, the latest first.
static OF_THREAD struct attempt *writers_of_thread;
#define writers GREEN_OF_THREAD(writers_of_thread)

void credirect_forget_writers(void) { writers = NULL; }

// Whether a reader has to let a writer go first, which the real lock does not know of: it is only ever tried.
static bool is_writers_turn(const pthread_rwlock_t *lock) {
  if (lock->__data.__flags != PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) return false;
  struct attempt *one = writers;
  while (one != NULL && one->lock != lock) one = one->next;
  return one != NULL;
}

static void remove_writer(struct attempt *attempt) {
  struct attempt **one = &writers;
  while (*one != attempt) one = &(*one)->next;
  *one = attempt->next;
  // Readers may have waited for a writer that has given up.
  if (attempt->result != 0) credirect_unpark(attempt->lock, true);
}

// `holder`: its own part of the lock, where it has one already.
static inline int try_as(struct attempt *attempt, struct holder *holder) {
  pthread_rwlock_t *lock = attempt->lock;
  if (holder == NULL && !attempt->is_write && is_writers_turn(lock)) return EBUSY;
  struct holder *own = holder != NULL ? holder : credirect_hold_by(lock, attempt->fiber);
  if (own == NULL) return ENOMEM;
  int result = attempt->is_write ? real_pthread_rwlock_trywrlock()(lock) : real_pthread_rwlock_tryrdlock()(lock);
  if (result == 0 && attempt->is_write) own->depth = WRITER;
  else if (result == 0 && holder != NULL) holder->depth++;
  if (result != 0 && holder == NULL) credirect_let_go(own);
  return result;
}

static int try_for_fiber(struct attempt *attempt) {
  return try_as(attempt, credirect_holder_by(attempt->lock, attempt->fiber));
}

static bool is_still_busy(void *context) {
  struct attempt *attempt = context;
  attempt->result = try_for_fiber(attempt);
  return attempt->result == EBUSY;
}

// Waits until an attempt that was EBUSY is not.
static __attribute__((noinline)) int wait_for_lock(const credirect_table *table, struct attempt *attempt, int64_t deadline) {
  pthread_rwlock_t *lock = attempt->lock;
  // In the middle of what is the thread's no other fiber may run, unless one of them may be the holder.
  if (cfiber_has_borrowed_keys() && deadline == NEVER && !credirect_holds_anything()) {
    return attempt->is_write ? real_pthread_rwlock_wrlock()(lock) : real_pthread_rwlock_rdlock()(lock);
  }
  if (attempt->is_write) {
    attempt->next = writers;
    writers = attempt;
  }
  const credirect_object_wait wait = {.address = lock, .name = "the read-write lock", .holder = credirect_holder_number};
  unsigned pause = 0;
  while (attempt->result == EBUSY) {
    // The unlock of another process is not seen.
    unsigned *recheck = lock->__data.__shared != 0 ? &pause : NULL;
    int error = credirect_wait_for(table, &wait, is_still_busy, attempt, deadline, recheck);
    if (attempt->result != EBUSY) break;
    attempt->result = try_for_fiber(attempt);
    if (attempt->result == EBUSY && error == EAGAIN) attempt->result = ETIMEDOUT;
  }
  if (attempt->is_write) remove_writer(attempt);
  return attempt->result;
}

static inline int lock_for_fiber(const credirect_table *table, pthread_rwlock_t *lock, bool is_write, int64_t deadline) {
  struct attempt attempt = {lock, cfiber_identity(), is_write, EBUSY, NULL};
  struct holder *holder = credirect_holder_by(lock, attempt.fiber);
  if (holder != NULL && holder->depth == WRITER) return EDEADLK;
  if (holder == NULL) credirect_let_woken_first(table, lock);
  attempt.result = try_as(&attempt, holder);
  return attempt.result == EBUSY ? wait_for_lock(table, &attempt, deadline) : attempt.result;
}

// A callback of the loop has it where it can: who else waits with a fiber of its hub waits for ever.
static int lock_for_thread(pthread_rwlock_t *lock, bool is_write) {
  if (is_callback() && credirect_holds_anything()) {
    int result = is_write ? real_pthread_rwlock_trywrlock()(lock) : real_pthread_rwlock_tryrdlock()(lock);
    if (result != EBUSY) return result;
    credirect_refuse_callback("the read-write lock", credirect_holder_number(lock, 0));
  }
  return is_write ? real_pthread_rwlock_wrlock()(lock) : real_pthread_rwlock_rdlock()(lock);
}

// A thread that has wanted to write until its time may have kept readers out, which are fibers: glibc wakes threads only.
static int gave_up(pthread_rwlock_t *lock, int error) {
  if (error != 0) credirect_unpark(lock, true);
  return error;
}

static bool is_known(clockid_t clock) { return clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME; }

REDIRECTED int pthread_rwlock_rdlock(pthread_rwlock_t *lock) {
  const credirect_table *table = fiber_table();
  return table == NULL ? lock_for_thread(lock, false) : lock_for_fiber(table, lock, false, NEVER);
}

REDIRECTED int pthread_rwlock_wrlock(pthread_rwlock_t *lock) {
  const credirect_table *table = fiber_table();
  return table == NULL ? lock_for_thread(lock, true) : lock_for_fiber(table, lock, true, NEVER);
}

REDIRECTED int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_pthread_rwlock_tryrdlock()(lock);
  struct attempt attempt = {lock, cfiber_identity(), false, 0, NULL};
  return try_for_fiber(&attempt);
}

REDIRECTED int pthread_rwlock_trywrlock(pthread_rwlock_t *lock) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_pthread_rwlock_trywrlock()(lock);
  struct attempt attempt = {lock, cfiber_identity(), true, 0, NULL};
  return try_for_fiber(&attempt);
}

REDIRECTED int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !credirect_is_valid_time(time)) return real_pthread_rwlock_timedrdlock()(lock, time);
  return lock_for_fiber(table, lock, false, credirect_deadline(CLOCK_REALTIME, time));
}

REDIRECTED int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !credirect_is_valid_time(time)) {
    return gave_up(lock, real_pthread_rwlock_timedwrlock()(lock, time));
  }
  return lock_for_fiber(table, lock, true, credirect_deadline(CLOCK_REALTIME, time));
}

REDIRECTED int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !is_known(clock) || !credirect_is_valid_time(time)) {
    return real_pthread_rwlock_clockrdlock()(lock, clock, time);
  }
  return lock_for_fiber(table, lock, false, credirect_deadline(clock, time));
}

REDIRECTED int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !is_known(clock) || !credirect_is_valid_time(time)) {
    return gave_up(lock, real_pthread_rwlock_clockwrlock()(lock, clock, time));
  }
  return lock_for_fiber(table, lock, true, credirect_deadline(clock, time));
}

REDIRECTED int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
  const credirect_table *table = credirect_holds_anything() ? fiber_table() : NULL;
  struct holder *holder = table != NULL ? credirect_holder_by(lock, cfiber_identity()) : NULL;
  if (holder != NULL && (holder->depth == WRITER || --holder->depth == 0)) credirect_let_go(holder);
  int result = real_pthread_rwlock_unlock()(lock);
  if (result == 0) credirect_unpark(lock, true);
  return result;
}

// Of programs linked before glibc 2.34.
ALIAS(pthread_rwlock_rdlock, __pthread_rwlock_rdlock)
ALIAS(pthread_rwlock_wrlock, __pthread_rwlock_wrlock)
ALIAS(pthread_rwlock_tryrdlock, __pthread_rwlock_tryrdlock)
ALIAS(pthread_rwlock_trywrlock, __pthread_rwlock_trywrlock)
ALIAS(pthread_rwlock_unlock, __pthread_rwlock_unlock)
