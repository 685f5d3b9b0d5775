// No process is forked while a thread is at work inside a lock of Swift's runtime.
//
// The child would find the lock held for ever by nobody, and what it guards half changed: a list whose end is already freed.
// So fork(2) waits until every thread has left, and whoever wants to enter meanwhile waits for the fork, as the C library has
// it for malloc. Both waits are bounded: a thread that stays inside for so long waits itself, and has nothing half changed.

#include "redirect.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

// How many threads are inside, and how many forks wait or are under way.
static atomic_uint inside, forks;

_Thread_local struct credirect_runtime_locks credirect_runtime_locks __attribute__((tls_model("initial-exec")));

#define PATIENCE_NANOSECONDS 100000000
#define PAUSE_NANOSECONDS 50000
// So often one who wants to enter waits; a thread that forks goes on after its patience.
#define ROUNDS 4

void credirect_enter_runtime(const void *lock) {
  struct credirect_runtime_locks *locks = &credirect_runtime_locks;
  if (locks->depth == RUNTIME_LOCKS) return;
  locks->held[locks->depth++] = lock;
  if (locks->depth > 1) return;
  atomic_fetch_add(&inside, 1);
  int error = errno;
  for (int round = 0; round < ROUNDS; round++) {
    unsigned seen = atomic_load(&forks);
    if (seen == 0) break;
    atomic_fetch_sub(&inside, 1);
    const struct timespec patience = {0, PATIENCE_NANOSECONDS};
    credirect_real_syscall(SYS_futex, (long)&forks, FUTEX_WAIT_PRIVATE, seen, (long)&patience, 0, 0);
    atomic_fetch_add(&inside, 1);
  }
  errno = error;
}

void credirect_leave_held(const void *lock) {
  struct credirect_runtime_locks *locks = &credirect_runtime_locks;
  for (unsigned i = locks->depth; i-- > 0;) {
    if (locks->held[i] != lock) continue;
    locks->held[i] = locks->held[--locks->depth];
    if (locks->depth == 0) atomic_fetch_sub(&inside, 1);
    return;
  }
}

void credirect_close_runtime(void) {
  atomic_fetch_add(&forks, 1);
  int error = errno;
  unsigned own = credirect_runtime_locks.depth > 0;
  const struct timespec pause = {0, PAUSE_NANOSECONDS};
  for (int round = 0; round < PATIENCE_NANOSECONDS / PAUSE_NANOSECONDS && atomic_load(&inside) > own; round++) {
    credirect_real_syscall(SYS_nanosleep, (long)&pause, 0, 0, 0, 0, 0);
  }
  errno = error;
}

void credirect_open_runtime(void) {
  atomic_fetch_sub(&forks, 1);
  credirect_real_syscall(SYS_futex, (long)&forks, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0);
}

void credirect_forget_runtime(void) {
  credirect_runtime_locks.depth = 0;
  atomic_store(&inside, 0);
  atomic_store(&forks, 0);
}
