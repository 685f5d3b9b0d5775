#define _GNU_SOURCE
#include "CSignals.h"

#include <CFork.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIGNALS 64

struct csignals_watcher {
  csignals_watcher *next;
  bool is_used; // under the lock
  int descriptor;
  int last; // where the last take ended, so that one signal does not starve the others
  _Atomic uint64_t wanted;
  _Atomic uint32_t pending[SIGNALS];
};

// Only ever grows, so that handlers can walk it without a lock.
static csignals_watcher *_Atomic watchers;
// Handlers that are running now, on any thread.
static _Atomic int running;

// Under the lock: how many watch each signal, and what was there before the first.
static unsigned users[SIGNALS];
static struct sigaction before[SIGNALS];

// The process that watches, and which signals end it at once.
static _Atomic pid_t owner;
static _Atomic uint64_t ending;

static uint64_t bit(int number) { return UINT64_C(1) << (number - 1); }

// ---- The lock: held for a few system calls, never over a wait; usable in the handlers of fork ---------------------

static atomic_flag is_locked = ATOMIC_FLAG_INIT;

static void lock(void) {
  while (atomic_flag_test_and_set(&is_locked)) sched_yield();
}

static void unlock(void) { atomic_flag_clear(&is_locked); }

// ---- The handler --------------------------------------------------------------------------------------------------

// In a child of which no handler of fork has heard: what is watched is its parent's.
static void on_signal_in_child(int number) {
  sigaction(number, &before[number - 1], NULL);
  // Blocked until this returns.
  syscall(SYS_kill, getpid(), number);
}

static void on_signal(int number) {
  int saved_errno = errno;
  if (getpid() != atomic_load(&owner)) {
    on_signal_in_child(number);
    errno = saved_errno;
    return;
  }
  if ((atomic_load(&ending) & bit(number)) != 0) _exit(0);
  atomic_fetch_add(&running, 1);
  for (csignals_watcher *one = atomic_load(&watchers); one != NULL; one = one->next) {
    if ((atomic_load(&one->wanted) & bit(number)) == 0) continue;
    atomic_fetch_add(&one->pending[number - 1], 1);
    uint64_t count = 1;
    // Not write(): the redirect's must not run in a signal handler.
    syscall(SYS_write, one->descriptor, &count, sizeof count);
  }
  atomic_fetch_sub(&running, 1);
  errno = saved_errno;
}

static int install(int number) {
  if (users[number - 1] == 0) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    if (sigaction(number, &action, &before[number - 1]) != 0) return -1;
  }
  users[number - 1]++;
  return 0;
}

static void restore(int number) {
  struct sigaction now;
  if (sigaction(number, NULL, &now) == 0 && now.sa_handler == on_signal) sigaction(number, &before[number - 1], NULL);
}

static void uninstall(uint64_t signals) {
  for (int number = 1; number <= SIGNALS; number++) {
    if ((signals & bit(number)) != 0 && --users[number - 1] == 0) restore(number);
  }
}

// ---- Watchers -----------------------------------------------------------------------------------------------------

static csignals_watcher *unused_watcher(void) {
  for (csignals_watcher *one = atomic_load(&watchers); one != NULL; one = one->next) {
    if (!one->is_used) return one;
  }
  csignals_watcher *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->next = atomic_load(&watchers);
  atomic_store(&watchers, made);
  return made;
}

csignals_watcher *csignals_watch(uint64_t signals, int descriptor) {
  sigset_t set;
  sigemptyset(&set);
  int error = 0;
  lock();
  atomic_store(&owner, getpid());
  csignals_watcher *watcher = unused_watcher();
  if (watcher == NULL) {
    unlock();
    errno = ENOMEM;
    return NULL;
  }
  for (int i = 0; i < SIGNALS; i++) atomic_store(&watcher->pending[i], 0);
  watcher->descriptor = descriptor;
  watcher->last = 0;
  // Wanted before they are caught: the first that is caught counts.
  atomic_store(&watcher->wanted, signals);
  uint64_t installed = 0;
  for (int number = 1; number <= SIGNALS && error == 0; number++) {
    if ((signals & bit(number)) == 0) continue;
    if (install(number) != 0) error = errno;
    else installed |= bit(number);
    sigaddset(&set, number);
  }
  if (error == 0) {
    watcher->is_used = true;
  } else {
    atomic_store(&watcher->wanted, 0);
    uninstall(installed);
    while (atomic_load(&running) > 0) sched_yield();
  }
  unlock();
  if (error != 0) {
    errno = error;
    return NULL;
  }
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  return watcher;
}

int csignals_take(csignals_watcher *watcher) {
  for (;;) {
    for (int i = 0; i < SIGNALS; i++) {
      int index = (watcher->last + i) % SIGNALS;
      if (atomic_load(&watcher->pending[index]) == 0) continue;
      atomic_fetch_sub(&watcher->pending[index], 1);
      watcher->last = index + 1;
      return index + 1;
    }
    // Emptied only when nothing is pending, and looked at again afterwards: a handler counts first and writes then.
    uint64_t count;
    if (syscall(SYS_read, watcher->descriptor, &count, sizeof count) < 0) return 0;
  }
}

void csignals_release(csignals_watcher *watcher) {
  lock();
  uninstall(atomic_exchange(&watcher->wanted, 0));
  // Who has seen the watcher before may be about to write to its descriptor.
  while (atomic_load(&running) > 0) sched_yield();
  watcher->is_used = false;
  unlock();
}

void csignals_end_at_once(uint64_t signals) { atomic_store(&ending, signals); }

// ---- Fork ---------------------------------------------------------------------------------------------------------

static sigset_t mask_before_fork;

// A signal that comes to the child before its dispositions are back waits until they are.
static void before_fork(void) {
  lock();
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask_before_fork);
}

static void end_fork(void) {
  // The lock first: what follows may be a handler that ends in another fork.
  sigset_t mask = mask_before_fork;
  unlock();
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static void forget_watchers(void) {
  atomic_store(&running, 0);
  atomic_store(&ending, 0);
  for (csignals_watcher *one = atomic_load(&watchers); one != NULL; one = one->next) atomic_store(&one->wanted, 0);
  for (int number = 1; number <= SIGNALS; number++) {
    if (users[number - 1] > 0) restore(number);
    users[number - 1] = 0;
  }
}

static void in_child(void) {
  forget_watchers();
  end_fork();
}

// Where a thread that is not there may have held the lock.
static void in_unseen_child(void) {
  unlock();
  forget_watchers();
}

__attribute__((constructor)) static void set_fork_handlers(void) {
  cfork_set(CFORK_SIGNALS, (cfork_handlers){before_fork, end_fork, in_child, in_unseen_child});
}
