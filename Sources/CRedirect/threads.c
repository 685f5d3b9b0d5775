// pthread_join(3) and its kin, pthread_barrier_wait(3p), pthread_spin_lock(3): waits for other threads.
//
// glibc has no word for "tell me when that thread has ended", so that a thread waits in the fiber's place. Nothing ends
// such a wait early: who joins frees what the thread was using.

#define FAMILY GREEN_THREADS
#include "redirect.h"

#include <CReport.h>
#include <pthread.h>
#include <stdlib.h>

REAL(pthread_exit)
REAL(pthread_join)
REAL(pthread_tryjoin_np)
REAL(pthread_timedjoin_np)
REAL(pthread_clockjoin_np)
REAL(pthread_barrier_wait)
REAL(pthread_spin_lock)
REAL(pthread_spin_trylock)

void credirect_on_thread(const credirect_table *table, void (*body)(void *), void *context) {
  int saved = errno;
  if (table->offload_long(body, context) != 0) body(context);
  errno = saved;
}

// ---- Joining ------------------------------------------------------------------------------------------------------

struct join {
  pthread_t thread;
  void **value;
  clockid_t clock;
  const struct timespec *time; // NULL for never
  int result;
};

static void join(void *context) {
  struct join *join = context;
  if (join->time == NULL) join->result = real_pthread_join()(join->thread, join->value);
  else join->result = real_pthread_clockjoin_np()(join->thread, join->value, join->clock, join->time);
}

static int join_in_fiber(const credirect_table *table, struct join *call) {
  int result = real_pthread_tryjoin_np()(call->thread, call->value);
  if (result != EBUSY) return result;
  credirect_on_thread(table, join, call);
  return call->result;
}

REDIRECTED int pthread_join(pthread_t thread, void **value) {
  const credirect_table *table = fiber_table();
  // Of a thread that joins itself glibc says EDEADLK.
  if (table == NULL || pthread_equal(thread, pthread_self())) return real_pthread_join()(thread, value);
  struct join call = {.thread = thread, .value = value};
  return join_in_fiber(table, &call);
}

REDIRECTED int pthread_timedjoin_np(pthread_t thread, void **value, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  bool is_plain = table == NULL || pthread_equal(thread, pthread_self()) || time == NULL ||
                  !credirect_is_valid_time(time);
  if (is_plain) return real_pthread_timedjoin_np()(thread, value, time);
  struct join call = {.thread = thread, .value = value, .clock = CLOCK_REALTIME, .time = time};
  return join_in_fiber(table, &call);
}

REDIRECTED int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  bool is_plain = table == NULL || pthread_equal(thread, pthread_self()) || time == NULL ||
                  !credirect_is_valid_time(time)
    || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC);
  if (is_plain) return real_pthread_clockjoin_np()(thread, value, clock, time);
  struct join call = {.thread = thread, .value = value, .clock = clock, .time = time};
  return join_in_fiber(table, &call);
}

// ---- Ending -------------------------------------------------------------------------------------------------------

// It would end the hub's thread, and with it every other fiber; of a process with one thread that is the end, with status 0.
REDIRECTED void pthread_exit(void *value) {
  const credirect_table *table = fiber_table();
  if (table == NULL) real_pthread_exit()(value);
  creport_format("fiber %llu called pthread_exit(3), which ends a thread: a fiber ends when its body returns",
                 (unsigned long long)cfiber_id_of(cfiber_identity()));
  abort();
}

// ---- Barriers -----------------------------------------------------------------------------------------------------

struct arrival {
  pthread_barrier_t *barrier;
  int result;
};

static void arrive(void *context) {
  struct arrival *arrival = context;
  arrival->result = real_pthread_barrier_wait()(arrival->barrier);
}

REDIRECTED int pthread_barrier_wait(pthread_barrier_t *barrier) {
  const credirect_table *table = family_table(GREEN_LOCKS);
  if (table == NULL) return real_pthread_barrier_wait()(barrier);
  struct arrival arrival = {barrier, 0};
  credirect_on_thread(table, arrive, &arrival);
  return arrival.result;
}

// ---- Spin locks ---------------------------------------------------------------------------------------------------

// The holder may be a fiber that waits: the others get their turn now and then.
WAITS(int, pthread_spin_lock, (pthread_spinlock_t *lock), (lock)) {
  const credirect_table *table = family_table(GREEN_LOCKS);
  if (table == NULL) return real_pthread_spin_lock()(lock);
  for (unsigned tries = 1;; tries++) {
    int result = real_pthread_spin_trylock()(lock);
    if (result != EBUSY) return result;
    if (tries % 128 == 0) table->sleep_until(tries < 4096 ? 0 : deadline_after(1000000));
  }
}
