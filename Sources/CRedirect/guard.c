// __cxa_guard_acquire, __cxa_guard_release, __cxa_guard_abort (Itanium C++ ABI, 3.3.3): the initialiser of a C++
// function's static belongs to the fiber that runs it.
//
// The words are those of libstdc++ (libsupc++/guard.cc), since a library with functions of its own may share a guard
// with one that is bound to these: the first byte is 1 when done, the second while under way, the third when a thread
// waits in the kernel.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

// ThreadSanitizer defines them too, in the same executable: then its own are in force.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef REDIRECTED
#define REDIRECTED __attribute__((weak))
#endif
#endif

typedef _Atomic int guard_word;
#define GUARD_DONE 0x1
#define GUARD_RUNNING 0x100
#define GUARD_AWAITED 0x10000

int __cxa_guard_acquire(uint64_t *guard);
void __cxa_guard_release(uint64_t *guard);
void __cxa_guard_abort(uint64_t *guard);

static bool is_running(void *context) { return (atomic_load((guard_word *)context) & GUARD_RUNNING) != 0; }

static void wait_for(guard_word *word, int value, const credirect_table *table, unsigned *pause) {
  if (table != NULL) {
    const credirect_object_wait wait = {
      .address = word, .name = "the static of a C++ function", .holder = credirect_holder_number};
    // A thread whose library has functions of its own ends it unseen.
    bool is_seen = credirect_holder((const void *)word) != NULL;
    credirect_wait_for(table, &wait, is_running, (void *)word, NEVER, is_seen ? NULL : pause);
    return;
  }
  if ((value & GUARD_AWAITED) == 0 && !atomic_compare_exchange_strong(word, &value, value | GUARD_AWAITED)) return;
  syscall(SYS_futex, word, FUTEX_WAIT, value | GUARD_AWAITED, NULL);
}

REDIRECTED int __cxa_guard_acquire(uint64_t *guard) {
  guard_word *word = (guard_word *)guard;
  const credirect_table *table = fiber_table();
  unsigned pause = 0;
  for (;;) {
    int value = 0;
    if (atomic_compare_exchange_strong(word, &value, GUARD_RUNNING)) break;
    if ((value & GUARD_DONE) != 0) return 0;
    if ((value & GUARD_RUNNING) != 0) wait_for(word, value, table, &pause);
  }
  if (table != NULL) credirect_hold(guard, cfiber_identity());
  return 1;
}

static void end(uint64_t *guard, int value) {
  guard_word *word = (guard_word *)guard;
  struct holder *holder = credirect_holder(guard);
  if (holder != NULL) credirect_let_go(holder);
  int old = atomic_exchange(word, value);
  if ((old & GUARD_AWAITED) != 0) syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX);
  credirect_unpark(guard, true);
}

REDIRECTED void __cxa_guard_release(uint64_t *guard) { end(guard, GUARD_DONE); }

REDIRECTED void __cxa_guard_abort(uint64_t *guard) { end(guard, 0); }
