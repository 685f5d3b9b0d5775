// FUTEX_LOCK_PI and FUTEX_UNLOCK_PI, as `Synchronization.Mutex` of Swift uses them.
//
// That lock is a word with its holder's thread number; uncontended it never leaves the program. Else the kernel is asked
// for FUTEX_LOCK_PI, which fails with EDEADLK where the holder is a fiber of the same thread, and Swift ends the process.
// Here the fiber waits for that holder, whichever thread's it is: it sets FUTEX_WAITERS, with which the unlock comes by
// as FUTEX_UNLOCK_PI. The kernel hands the lock to a thread that waits, and else sets the word to 0.

#include "futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

struct lock {
  _Atomic uint32_t *word;
  uint32_t thread;
};

// By a fiber or thread that lives.
static bool is_held(uint32_t value) { return (value & FUTEX_TID_MASK) != 0 && (value & FUTEX_OWNER_DIED) == 0; }

static bool is_held_here(const struct lock *lock) {
  uint32_t value = atomic_load(lock->word);
  return is_held(value) && (value & FUTEX_TID_MASK) == lock->thread;
}

// Whether to wait, once it is announced.
static bool is_still_held(void *context) {
  struct lock *lock = context;
  uint32_t value = atomic_load(lock->word);
  while (is_held(value)) {
    if (atomic_compare_exchange_weak(lock->word, &value, value | FUTEX_WAITERS)) return true;
  }
  return false;
}

// 0 when the fiber has got the lock, else EAGAIN: its holder has died, so the kernel is to be asked.
static int wait_for_holder(const credirect_table *table, struct lock *lock, bool is_private) {
  const credirect_object_wait wait = {.address = lock->word, .name = "the Synchronization.Mutex"};
  for (;;) {
    uint32_t value = atomic_load(lock->word);
    if (is_held(value)) {
      // Another process's unlock is not seen.
      unsigned pause = 0;
      credirect_wait_for(table, &wait, is_still_held, lock, NEVER, is_private ? NULL : &pause);
    } else if (value != 0) {
      return EAGAIN;
    } else if (atomic_compare_exchange_strong(lock->word, &value, lock->thread | FUTEX_WAITERS)) {
      // With the mark, for the next who waits here.
      return 0;
    }
  }
}

// In a forked child: whether the lock, one of Swift's runtime, was held by a thread of the parent's, and is the caller's now.
static bool took_over(struct lock *lock, const struct futex_call *call) {
  uint32_t value = atomic_load(lock->word);
  return is_held(value) && credirect_is_runtimes(call->caller) && credirect_is_left_behind((int)(value & FUTEX_TID_MASK))
         && atomic_compare_exchange_strong(lock->word, &value, lock->thread | FUTEX_WAITERS);
}

long credirect_futex_lock(const credirect_table *table, const struct futex_call *call) {
  int command = call->operation & FUTEX_CMD_MASK;
  struct lock lock = {call->word, 0};
  bool may_take_over = command == FUTEX_LOCK_PI && credirect_is_child();
  bool is_fibers = table != NULL && command != FUTEX_UNLOCK_PI;
  if (may_take_over || is_fibers) lock.thread = (uint32_t)syscall(SYS_gettid);
  if (may_take_over && took_over(&lock, call)) return 0;
  if (is_fibers) {
    bool waits = command == FUTEX_LOCK_PI && call->time == NULL;
    if (waits && !is_held_here(&lock) && credirect_is_runtimes(call->caller)) return credirect_real_futex(call);
    if (waits && wait_for_holder(table, &lock, (call->operation & FUTEX_PRIVATE_FLAG) != 0) == 0) return 0;
    if (!waits && is_held_here(&lock)) return fail(EAGAIN);
  }
  long result = credirect_real_futex(call);
  // Who is woken takes it now: that the same fiber locks it again is not seen here.
  if (command == FUTEX_UNLOCK_PI && result == 0 && credirect_unpark((const void *)call->word, false) && table != NULL) {
    table->give_way();
  }
  return result;
}
