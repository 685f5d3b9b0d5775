// syscall(2), for one call of it: futex(2) as `Synchronization.Mutex` of Swift uses it.
//
// That lock is a word with its holder's thread number; uncontended it never leaves the program. Else the kernel is asked,
// by syscall(2), for FUTEX_LOCK_PI, which fails with EDEADLK where the holder is a fiber of the same thread, and Swift
// ends the process. Here the fiber waits for that holder: it sets FUTEX_WAITERS, with which the unlock comes by as
// FUTEX_UNLOCK_PI. A lock that another thread holds is the kernel's business.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

REAL(syscall)

// Found before any signal handler makes the first call.
__attribute__((constructor)) static void find_real(void) { real_syscall(); }

struct lock {
  _Atomic uint32_t *word;
  uint32_t thread;
};

static bool is_held_here(const struct lock *lock, uint32_t value) {
  return (value & FUTEX_TID_MASK) == lock->thread && (value & FUTEX_OWNER_DIED) == 0;
}

// Whether to wait, once it is announced.
static bool is_still_held(void *context) {
  struct lock *lock = context;
  uint32_t value = atomic_load(lock->word);
  while (is_held_here(lock, value)) {
    if (atomic_compare_exchange_weak(lock->word, &value, value | FUTEX_WAITERS)) return true;
  }
  return false;
}

// 0 when the fiber has got the lock, else EAGAIN: it is another thread's, so the kernel is to be asked.
static int wait_for_fiber(const green_redirect_table *table, struct lock *lock) {
  const green_object_wait wait = {.address = lock->word, .name = "the Synchronization.Mutex"};
  // Where the kernel has handed the lock to a thread between, the mark of those who wait here is gone.
  unsigned pause = 0;
  for (;;) {
    uint32_t value = atomic_load(lock->word);
    if (is_held_here(lock, value)) {
      green_wait_for(table, &wait, is_still_held, lock, NEVER, &pause);
    } else if (value != 0) {
      return EAGAIN;
    } else if (atomic_compare_exchange_strong(lock->word, &value, lock->thread | FUTEX_WAITERS)) {
      // With the mark, for the next who waits here.
      return 0;
    }
  }
}

static long lock_or_unlock(long word, long operation, long value, long timeout) {
  const green_redirect_table *table = fiber_table();
  struct lock lock = {(_Atomic uint32_t *)word, (uint32_t)real_syscall()(SYS_gettid)};
  int command = (int)operation & FUTEX_CMD_MASK;
  bool waits = command == FUTEX_LOCK_PI && timeout == 0;
  if (table != NULL && command != FUTEX_UNLOCK_PI && is_held_here(&lock, atomic_load(lock.word))) {
    if (!waits) return fail(EAGAIN);
    if (wait_for_fiber(table, &lock) == 0) return 0;
  }
  long result = real_syscall()(SYS_futex, word, operation, value, timeout, 0L, 0L);
  if (command == FUTEX_UNLOCK_PI && result == 0) green_unpark((const void *)word, false);
  return result;
}

REDIRECTED long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long), d = va_arg(list, long);
  long e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex) {
    int command = (int)b & FUTEX_CMD_MASK;
    if (command == FUTEX_LOCK_PI || command == FUTEX_TRYLOCK_PI || command == FUTEX_UNLOCK_PI) {
      return lock_or_unlock(a, b, c, d);
    }
  }
  return real_syscall()(number, a, b, c, d, e, f);
}
