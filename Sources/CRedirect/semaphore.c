// sem_wait(3), sem_timedwait, sem_clockwait, sem_post: a fiber that would wait parks.
//
// A signal handler may post, in the middle of whatever the hub's thread was doing. So a post only writes to an eventfd
// of each hub that has fibers waiting for semaphores, and the hub then looks whose semaphore can be had. The real
// semaphore's value is the only truth: whoever is woken tries it.
//
// A cancellation does not end these waits: the manual knows no error for it, and libdispatch, whose semaphores are these,
// ends the process on any.

#include "semaphores.h"

REAL(sem_wait)
REAL(sem_trywait)
REAL(sem_timedwait)
REAL(sem_clockwait)
REAL(sem_post)

// ---- Waiting ------------------------------------------------------------------------------------------------------

struct attempt {
  sem_t *semaphore;
  bool has_it;
};

static bool is_still_taken(void *context) {
  struct attempt *attempt = context;
  attempt->has_it = real_sem_trywait()(attempt->semaphore) == 0;
  return !attempt->has_it;
}

// Of a semaphore that processes share the posts of others are not seen: nptl/internaltypes.h, `private` of new_sem.
static bool is_shared(const sem_t *semaphore) { return ((const int *)semaphore)[2] != 0; }

static int wait_in_fiber(const credirect_table *table, sem_t *semaphore, int64_t deadline) {
  struct waiter waiter = {.semaphore = semaphore};
  credirect_await_posts(table, &waiter);
  struct attempt attempt = {semaphore, false};
  const credirect_object_wait wait = {.address = &waiter, .name = "the semaphore"};
  int error = 0;
  unsigned pause = 0;
  while (!attempt.has_it && error == 0) {
    unsigned *recheck = waiter.slot == NULL || is_shared(semaphore) ? &pause : NULL;
    error = credirect_wait_for(table, &wait, is_still_taken, &attempt, deadline, recheck);
    if (!attempt.has_it) is_still_taken(&attempt);
  }
  credirect_await_no_posts(table, &waiter);
  if (attempt.has_it) return 0;
  errno = error == EAGAIN ? ETIMEDOUT : error;
  return -1;
}

// A fiber of this thread that waits for the semaphore takes it first: else who posts it and waits for it again at once
// would never let anybody in.
static void let_waiting_first(const credirect_table *table, sem_t *semaphore) {
  int value;
  for (struct waiter *one = credirect_first_waiter(); one != NULL; one = one->next) {
    if (one->semaphore != semaphore) continue;
    if (sem_getvalue(semaphore, &value) == 0 && value > 0 && credirect_unpark(one, true)) table->give_way();
    return;
  }
}

// A fiber that finds the semaphore free does not wait. `error` is EAGAIN otherwise, or what is wrong with it.
static bool would_wait(sem_t *semaphore, int *result) {
  int saved = errno;
  *result = real_sem_trywait()(semaphore);
  if (*result == 0 || errno != EAGAIN) return false;
  errno = saved;
  return true;
}

WAITS(int, sem_wait, (sem_t *semaphore), (semaphore)) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_sem_wait()(semaphore);
  int result;
  let_waiting_first(table, semaphore);
  return would_wait(semaphore, &result) ? wait_in_fiber(table, semaphore, NEVER) : result;
}

WAITS(int, sem_timedwait, (sem_t *semaphore, const struct timespec *time), (semaphore, time)) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !credirect_is_valid_time(time)) return real_sem_timedwait()(semaphore, time);
  int result;
  if (!would_wait(semaphore, &result)) return result;
  return wait_in_fiber(table, semaphore, credirect_deadline(CLOCK_REALTIME, time));
}

WAITS(int, sem_clockwait, (sem_t *semaphore, clockid_t clock, const struct timespec *time), (semaphore, clock, time)) {
  const credirect_table *table = fiber_table();
  if (table == NULL || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) || !credirect_is_valid_time(time)) {
    return real_sem_clockwait()(semaphore, clock, time);
  }
  int result;
  if (!would_wait(semaphore, &result)) return result;
  return wait_in_fiber(table, semaphore, credirect_deadline(clock, time));
}

REDIRECTED int sem_post(sem_t *semaphore) {
  int result = real_sem_post()(semaphore);
  if (result == 0) credirect_announce_post();
  return result;
}
