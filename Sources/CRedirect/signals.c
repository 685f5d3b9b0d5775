// Signals that are kept pending while fibers wait for them.

#include "signals.h"

#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

// A program blocks the signals that it waits for; for those that it has not blocked the kernel does so within the call,
// and here the thread does, from the first fiber that waits for one to the last.

static OF_THREAD unsigned awaited_by_thread[SIGNALS];
static OF_THREAD sigset_t blocked_by_thread;
#define awaited GREEN_OF_THREAD(awaited_by_thread)
#define blocked_here GREEN_OF_THREAD(blocked_by_thread)

bool credirect_comes_at_once(int number) {
  switch (number) {
  case SIGSEGV: case SIGBUS: case SIGFPE: case SIGILL: case SIGTRAP: case SIGABRT: case SIGSYS: case SIGPROF:
  case SIGURG: return true;
  default: return number == credirect_interrupting_signal();
  }
}

void credirect_hold_back(const sigset_t *set) {
  sigset_t old, block;
  sigemptyset(&block);
  pthread_sigmask(SIG_SETMASK, NULL, &old);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(set, number) != 1 || credirect_comes_at_once(number)) continue;
    if (awaited[number]++ == 0 && sigismember(&old, number) == 0) {
      sigaddset(&block, number);
      sigaddset(&blocked_here, number);
    }
  }
  pthread_sigmask(SIG_BLOCK, &block, NULL);
}

void credirect_let_through(const sigset_t *set) {
  sigset_t unblock;
  sigemptyset(&unblock);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(set, number) != 1 || credirect_comes_at_once(number) || --awaited[number] > 0) continue;
    if (sigismember(&blocked_here, number) != 1) continue;
    sigdelset(&blocked_here, number);
    sigaddset(&unblock, number);
  }
  pthread_sigmask(SIG_UNBLOCK, &unblock, NULL);
}

int credirect_wait_until_pending(const credirect_table *table, const sigset_t *set, int *fd, int64_t deadline) {
  if (*fd < 0) *fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (*fd >= 0) return table->wait_descriptor(*fd, POLLIN, deadline);
  int64_t next = deadline_after(10000000);
  if (next < deadline) return table->sleep_until(next);
  int error = table->sleep_until(deadline);
  return error == 0 ? EAGAIN : error;
}

// A program that is started, and a child, are not to have blocked what only a fiber's wait has blocked.
bool credirect_holds_back(void) {
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(&blocked_here, number) == 1) return true;
  }
  return false;
}

void credirect_unblock_in_child(void) {
  if (!credirect_holds_back()) return;
  sigset_t now, mask = credirect_own_mask();
  pthread_sigmask(SIG_SETMASK, NULL, &now);
  // Who has blocked even these wants no handler to run before the child has set its own.
  if (sigismember(&now, SIGSEGV) == 1) return;
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void credirect_forget_signals(void) {
  credirect_unblock_in_child();
  memset(awaited, 0, sizeof awaited);
  sigemptyset(&blocked_here);
}

sigset_t credirect_own_mask(void) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(&blocked_here, number) == 1) sigdelset(&mask, number);
  }
  return mask;
}
