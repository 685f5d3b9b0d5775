// pthread mutexes belong to the fiber that locked them.
//
// The real mutex stays the lock: a fiber only ever tries it, and parks while another holds it. Since glibc knows
// threads and not fibers, a recursive or error-checking mutex would let every fiber of the holder's thread in: for
// those the holder is kept here too.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <pthread.h>
#include <sys/syscall.h>

REAL(pthread_mutex_lock)
REAL(pthread_mutex_trylock)
REAL(pthread_mutex_timedlock)
REAL(pthread_mutex_clocklock)
REAL(pthread_mutex_unlock)

// ---- Who holds it -------------------------------------------------------------------------------------------------

// The kind is in the low bits (sysdeps/nptl/bits/struct_mutex.h): recursive 1, error-checking 2; above them robust 0x10,
// priority inheritance 0x20, priority ceiling 0x40, and shared between processes 0x80.
static int kind(const pthread_mutex_t *mutex) { return mutex->__data.__kind; }

// Whether glibc compares the mutex's owner with the calling thread.
static bool knows_holder(const pthread_mutex_t *mutex) {
  int low = kind(mutex) & 3;
  return low == PTHREAD_MUTEX_RECURSIVE || low == PTHREAD_MUTEX_ERRORCHECK || (kind(mutex) & 0x70) != 0;
}

// The kernel finds those that a dead thread holds in the thread's own control block, not in a fiber's.
static void *enter_for(const pthread_mutex_t *mutex) { return (kind(mutex) & 0x10) != 0 ? cfiber_enter_thread() : NULL; }

// The real call, by `name`, for a fiber as for its thread.
#define CALL_AS_THREAD(name)                   \
  static int name##_as_thread(pthread_mutex_t *mutex) { \
    void *loaded = enter_for(mutex);                    \
    int result = real_##name()(mutex);                  \
    if (loaded != NULL) cfiber_leave_thread(loaded);    \
    return result;                                      \
  }
CALL_AS_THREAD(pthread_mutex_lock)
CALL_AS_THREAD(pthread_mutex_trylock)
CALL_AS_THREAD(pthread_mutex_unlock)

// Of the other kinds glibc writes the owner down and never looks at it: there a fiber's number is as good as a thread's,
// which has 22 bits. The links of its list of robust mutexes have no use there: one tells which thread runs the fiber.
#define IS_FIBER 0x40000000

static uint64_t holder_number(const void *address, unsigned index) {
  const pthread_mutex_t *mutex = address;
  if (knows_holder(mutex)) return credirect_holder_number(address, index);
  int owner = __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED);
  return index == 0 && (owner & IS_FIBER) != 0 ? (uint64_t)(owner & ~IS_FIBER) : 0;
}

// For those below: mutexes that are not recursive or the like.

static int owner_of(const pthread_mutex_t *mutex) { return __atomic_load_n(&mutex->__data.__owner, __ATOMIC_ACQUIRE); }

// The thread of an owner that is one, or runs a fiber that is.
static int thread_of(const pthread_mutex_t *mutex, int owner) {
  if ((owner & IS_FIBER) == 0) return owner;
  return (int)(intptr_t)__atomic_load_n(&mutex->__data.__list.__prev, __ATOMIC_RELAXED);
}

// Whether a fiber of the calling fiber's thread holds it.
static bool is_held_by_neighbour(const pthread_mutex_t *mutex) {
  int owner = owner_of(mutex);
  return (owner & IS_FIBER) != 0 && thread_of(mutex, owner) == cfiber_running->thread;
}

// A thread that takes or frees one has it for an instant without being written down. So long is waited for that instant's end.
#define PATIENCE_MILLISECONDS 200

static bool is_nobodys(const pthread_mutex_t *mutex) {
  return owner_of(mutex) == 0 && __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) != 0;
}

// In a forked child: takes a lock of Swift's runtime from a thread of the parent's. It guards what is entered whole.
static void free_if_left_behind(pthread_mutex_t *mutex) {
  for (int round = 0; round < PATIENCE_MILLISECONDS && is_nobodys(mutex); round++) {
    const struct timespec millisecond = {0, 1000000};
    credirect_real_syscall(SYS_nanosleep, (long)&millisecond, 0, 0, 0, 0, 0);
  }
  int owner = owner_of(mutex);
  bool is_left = owner == 0 ? is_nobodys(mutex) : credirect_is_left_behind(thread_of(mutex, owner));
  // Of several threads that find this one frees it.
  if (is_left && __atomic_compare_exchange_n(&mutex->__data.__owner, &owner, -1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    real_pthread_mutex_unlock()(mutex);
  }
}

// ---- Locking ------------------------------------------------------------------------------------------------------

struct attempt {
  pthread_mutex_t *mutex;
  uintptr_t fiber;
  bool knows_holder;
  int result;
  bool is_seen; // the holder's unlock is, so that the wait has no end but that
};

static void note_holder(pthread_mutex_t *mutex, uintptr_t fiber) {
  int number = (int)(cfiber_id_of(fiber) & (IS_FIBER - 1));
  void *thread = (void *)(intptr_t)cfiber_running->thread;
  __atomic_store_n(&mutex->__data.__list.__prev, thread, __ATOMIC_RELAXED);
  __atomic_store_n(&mutex->__data.__owner, number | IS_FIBER, __ATOMIC_RELAXED);
}

// Tries to lock for a fiber: 0, EBUSY, or what the real call says.
static int try_for_fiber(struct attempt *attempt) {
  pthread_mutex_t *mutex = attempt->mutex;
  if (!attempt->knows_holder) {
    int result = real_pthread_mutex_trylock()(mutex);
    if (result == 0) note_holder(mutex, attempt->fiber);
    return result;
  }
  struct holder *holder = credirect_holder(mutex);
  // Noted, and not locked: that was another mutex, which lay here before this one was made.
  if (holder != NULL && __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) == 0) {
    credirect_let_go(holder);
    holder = NULL;
  }
  if (holder != NULL && holder->fiber != attempt->fiber) return EBUSY;
  struct holder *own = holder != NULL ? holder : credirect_hold(mutex, attempt->fiber);
  if (own == NULL) return ENOMEM;
  int result = pthread_mutex_trylock_as_thread(mutex);
  // EOWNERDEAD is a lock too: pthread_mutex_lock(3p).
  bool is_locked = result == 0 || result == EOWNERDEAD;
  if (holder != NULL && is_locked) holder->depth++;
  if (holder == NULL && !is_locked) credirect_let_go(own);
  return result;
}

// A fiber's unlock is seen. That of another process is not, nor the one inside a thread's pthread_cond_wait.
static bool is_holder_seen(const pthread_mutex_t *mutex) {
  return (kind(mutex) & 0x80) == 0 && holder_number(mutex, 0) != 0;
}

// Not where it has become one whose unlock is not seen since the wait was begun.
static bool is_still_busy(void *context) {
  struct attempt *attempt = context;
  attempt->result = try_for_fiber(attempt);
  return attempt->result == EBUSY && (!attempt->is_seen || is_holder_seen(attempt->mutex));
}

// Locks for a fiber. `caller`: an address in the code that asks.
static int lock_for_fiber(const credirect_table *table, pthread_mutex_t *mutex, int64_t deadline,
                          const void *caller) {
  struct attempt attempt = {mutex, cfiber_identity(), knows_holder(mutex), 0, false};
  // Not where it is this fiber's already.
  if (!attempt.knows_holder || credirect_holder(mutex) == NULL) credirect_let_woken_first(table, mutex);
  attempt.result = try_for_fiber(&attempt);
  if (attempt.result != EBUSY) return attempt.result;
  if (!attempt.knows_holder && !is_held_by_neighbour(mutex) && credirect_is_runtimes(caller)) {
    if (credirect_is_child()) free_if_left_behind(mutex);
    int result = real_pthread_mutex_lock()(mutex);
    if (result == 0) note_holder(mutex, attempt.fiber);
    return result;
  }
  // An error-checking mutex that its own fiber asks for again: glibc says EDEADLK. To others that know their holder it would
  // wait for ever, past the time too.
  bool is_checked = (kind(mutex) & 3) == PTHREAD_MUTEX_ERRORCHECK;
  struct holder *holder = is_checked ? credirect_holder(mutex) : NULL;
  if (holder != NULL && holder->fiber == attempt.fiber) return pthread_mutex_lock_as_thread(mutex);
  const credirect_object_wait wait = {.address = mutex, .name = "the pthread mutex", .holder = holder_number};
  unsigned pause = 0;
  while (attempt.result == EBUSY) {
    attempt.is_seen = is_holder_seen(mutex);
    int error = credirect_wait_for(table, &wait, is_still_busy, &attempt, deadline, attempt.is_seen ? NULL : &pause);
    if (attempt.result != EBUSY) break;
    attempt.result = try_for_fiber(&attempt);
    if (attempt.result == EBUSY && error == EAGAIN) {
      // An unlock may have woken this one, which does not want it any more.
      credirect_unpark(mutex, false);
      return ETIMEDOUT;
    }
  }
  return attempt.result;
}

// To a callback of the loop glibc would give a recursive mutex that a fiber of its thread holds, and let it wait for ever for
// another.
static bool is_of_fiber(const pthread_mutex_t *mutex) { return is_callback() && credirect_holder(mutex) != NULL; }

static int lock_for_thread(pthread_mutex_t *mutex, const void *caller) {
  if (is_callback()) credirect_refuse_callback("the pthread mutex", holder_number(mutex, 0));
  if (credirect_is_child() && !knows_holder(mutex)) {
    int result = real_pthread_mutex_trylock()(mutex);
    if (result != EBUSY) return result;
    if (credirect_is_runtimes(caller)) free_if_left_behind(mutex);
  }
  return real_pthread_mutex_lock()(mutex);
}

bool credirect_is_valid_time(const struct timespec *time) {
  return time->tv_nsec >= 0 && time->tv_nsec < 1000000000;
}

int64_t credirect_deadline(clockid_t clock, const struct timespec *time) {
  if (time->tv_sec < 0) return 0;
  int64_t wanted = nanoseconds_of(time->tv_sec, time->tv_nsec);
  if (clock == CLOCK_MONOTONIC) return wanted;
  struct timespec now;
  clock_gettime(clock, &now);
  int64_t left = wanted - nanoseconds_of(now.tv_sec, now.tv_nsec);
  return left <= 0 ? 0 : deadline_after(left);
}

REDIRECTED int pthread_mutex_lock(pthread_mutex_t *mutex) {
  const void *caller = __builtin_return_address(0);
  if (credirect_is_runtimes(caller)) credirect_enter_runtime(mutex);
  const credirect_table *table = fiber_table();
  return table == NULL ? lock_for_thread(mutex, caller) : lock_for_fiber(table, mutex, NEVER, caller);
}

REDIRECTED int pthread_mutex_trylock(pthread_mutex_t *mutex) {
  if (credirect_is_runtimes(__builtin_return_address(0))) credirect_enter_runtime(mutex);
  const credirect_table *table = fiber_table();
  struct attempt attempt = {mutex, table == NULL ? 0 : cfiber_identity(), knows_holder(mutex), 0, false};
  int result = table != NULL ? try_for_fiber(&attempt) : is_of_fiber(mutex) ? EBUSY : real_pthread_mutex_trylock()(mutex);
  if (result != 0) credirect_leave_runtime(mutex);
  return result;
}

REDIRECTED int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || !credirect_is_valid_time(time)) {
    return is_of_fiber(mutex) ? ETIMEDOUT : real_pthread_mutex_timedlock()(mutex, time);
  }
  return lock_for_fiber(table, mutex, credirect_deadline(CLOCK_REALTIME, time), __builtin_return_address(0));
}

REDIRECTED int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *time) {
  const credirect_table *table = fiber_table();
  if (table == NULL || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME) || !credirect_is_valid_time(time)) {
    return is_of_fiber(mutex) ? ETIMEDOUT : real_pthread_mutex_clocklock()(mutex, clock, time);
  }
  return lock_for_fiber(table, mutex, credirect_deadline(clock, time), __builtin_return_address(0));
}

REDIRECTED int pthread_mutex_unlock(pthread_mutex_t *mutex) {
  struct holder *holder = credirect_holder(mutex);
  if (holder != NULL) {
    const credirect_table *table = fiber_table();
    if (is_callback() || (table != NULL && holder->fiber != cfiber_identity())) return EPERM;
    if (--holder->depth == 0) credirect_let_go(holder);
  }
  int result = pthread_mutex_unlock_as_thread(mutex);
  if (result == 0) credirect_unpark(mutex, false);
  credirect_leave_runtime(mutex);
  return result;
}

// Of programs linked before glibc 2.34.
ALIAS(pthread_mutex_lock, __pthread_mutex_lock)
ALIAS(pthread_mutex_trylock, __pthread_mutex_trylock)
ALIAS(pthread_mutex_unlock, __pthread_mutex_unlock)
