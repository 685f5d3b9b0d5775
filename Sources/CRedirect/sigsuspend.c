// pause(2), sigsuspend(2), sigpause(3): the fiber waits until a signal's handler has run, its thread does not.

#include "signals.h"

#include <poll.h>
#include <unistd.h>

REAL(sigsuspend)
REAL(pause)
REAL(ppoll)

static bool has_handler(int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0) return false;
  return action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL;
}

// Waits until a signal that `mask` lets through has been handled, under that mask.
static int wait_for_handler(const credirect_table *table, const sigset_t *mask) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(mask, number) == 0 && !credirect_comes_at_once(number) && has_handler(number)) sigaddset(&set, number);
  }
  // From here until the fiber goes on the handlers wait for the hub to come round.
  credirect_hold_back(&set);
  int fd = -1, error = 0;
  while (error == 0) {
    // Lets a pending signal's handler run, without waiting for one: ppoll(2).
    static const struct timespec at_once = {0, 0};
    if (real_ppoll()(NULL, 0, &at_once, mask) < 0 && errno == EINTR) error = EINTR;
    else error = credirect_wait_until_pending(table, &set, &fd, NEVER);
  }
  credirect_let_through(&set);
  if (fd >= 0) close(fd);
  errno = error;
  return -1;
}

REDIRECTED int sigsuspend(const sigset_t *mask) {
  const credirect_table *table = fiber_table();
  return table == NULL ? real_sigsuspend()(mask) : wait_for_handler(table, mask);
}

REDIRECTED int pause(void) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_pause()();
  const sigset_t mask = credirect_own_mask();
  return wait_for_handler(table, &mask);
}

// sigpause(3) has two meanings by one name, which the header tells apart: with the mask of BSD, which has 32 signals, and
// with the one signal of System V that is let through.
REDIRECTED int credirect_sigpause_bsd(int mask) __asm__("sigpause");
REDIRECTED int credirect_sigpause_xpg(int number) __asm__("__xpg_sigpause");
REDIRECTED int __sigpause(int number_or_mask, int is_number);

int credirect_sigpause_bsd(int mask) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number <= 32; number++) {
    if (((unsigned)mask >> (number - 1) & 1) != 0) sigaddset(&set, number);
  }
  return sigsuspend(&set);
}

int credirect_sigpause_xpg(int number) {
  sigset_t mask = credirect_own_mask();
  return sigdelset(&mask, number) == 0 ? sigsuspend(&mask) : -1;
}

int __sigpause(int number_or_mask, int is_number) {
  return is_number != 0 ? credirect_sigpause_xpg(number_or_mask) : credirect_sigpause_bsd(number_or_mask);
}

ALIAS(sigsuspend, __sigsuspend)
