// sigwait(3), sigwaitinfo(2), sigtimedwait, pause(2), sigsuspend(2): the fiber waits for a signal, its thread does not.
//
// A signalfd tells when one of the signals is pending, and takes none: that is done by the real call, which then does
// not wait, so that nothing but what was asked for is taken, and by one waiter only.

#define FAMILY GREEN_SIGNALS
#include "redirect.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

REAL(sigwait)
REAL(sigtimedwait)
REAL(sigwaitinfo)
REAL(sigsuspend)
REAL(pause)
REAL(ppoll)

#define SIGNALS 65

// ---- Signals kept pending while fibers wait for them ---------------------------------------------------------------
//
// A program blocks the signals that it waits for; for those that it has not blocked the kernel does so within the call,
// and here the thread does, from the first fiber that waits for one to the last.

static OF_THREAD unsigned awaited_by_thread[SIGNALS];
static OF_THREAD sigset_t blocked_by_thread;
#define awaited GREEN_OF_THREAD(awaited_by_thread)
#define blocked_here GREEN_OF_THREAD(blocked_by_thread)

// Those that must not wait: faults, what watches the thread, and what interrupts it.
static bool must_come_at_once(int number) {
  switch (number) {
  case SIGSEGV: case SIGBUS: case SIGFPE: case SIGILL: case SIGTRAP: case SIGABRT: case SIGSYS: case SIGPROF:
  case SIGURG: return true;
  default: return number == green_interrupting_signal();
  }
}

static void hold_back(const sigset_t *set) {
  sigset_t old, block;
  sigemptyset(&block);
  pthread_sigmask(SIG_SETMASK, NULL, &old);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(set, number) != 1 || must_come_at_once(number)) continue;
    if (awaited[number]++ == 0 && sigismember(&old, number) == 0) {
      sigaddset(&block, number);
      sigaddset(&blocked_here, number);
    }
  }
  pthread_sigmask(SIG_BLOCK, &block, NULL);
}

static void let_through(const sigset_t *set) {
  sigset_t unblock;
  sigemptyset(&unblock);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(set, number) != 1 || must_come_at_once(number) || --awaited[number] > 0) continue;
    if (sigismember(&blocked_here, number) != 1) continue;
    sigdelset(&blocked_here, number);
    sigaddset(&unblock, number);
  }
  pthread_sigmask(SIG_UNBLOCK, &unblock, NULL);
}

// Waits until one of the signals is pending: 0, or an errno. Without a descriptor: until it is time to look.
static int wait_until_pending(const green_redirect_table *table, const sigset_t *set, int *fd, int64_t deadline) {
  if (*fd < 0) *fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (*fd >= 0) return table->wait_descriptor(*fd, POLLIN, deadline);
  int64_t next = deadline_after(10000000);
  if (next < deadline) return table->sleep_until(next);
  int error = table->sleep_until(deadline);
  return error == 0 ? EAGAIN : error;
}

// ---- Taking a signal ----------------------------------------------------------------------------------------------

static int take(const green_redirect_table *table, const sigset_t *set, siginfo_t *info, int64_t deadline) {
  static const struct timespec at_once = {0, 0};
  int number = real_sigtimedwait()(set, info, &at_once);
  if (number > 0 || errno != EAGAIN || deadline == 0) return number;
  hold_back(set);
  int fd = -1, error = 0;
  while (number < 0 && error == 0) {
    error = wait_until_pending(table, set, &fd, deadline);
    number = real_sigtimedwait()(set, info, &at_once);
    if (number < 0 && errno != EAGAIN && errno != EINTR && error == 0) error = errno;
  }
  let_through(set);
  if (fd >= 0) close(fd);
  if (number < 0) errno = error;
  return number;
}

WAITS(int, sigtimedwait, (const sigset_t *restrict set, siginfo_t *restrict info,
        const struct timespec *restrict timeout),
      (set, info, timeout)) {
  const green_redirect_table *table = fiber_table();
  bool is_plain = table == NULL || (timeout != NULL && (!green_is_valid_time(timeout) || timeout->tv_sec < 0));
  if (is_plain) return real_sigtimedwait()(set, info, timeout);
  int64_t wait = timeout == NULL ? NEVER : nanoseconds_of(timeout->tv_sec, timeout->tv_nsec);
  return take(table, set, info, wait == 0 ? 0 : deadline_after(wait));
}

WAITS(int, sigwaitinfo, (const sigset_t *restrict set, siginfo_t *restrict info), (set, info)) {
  const green_redirect_table *table = fiber_table();
  return table == NULL ? real_sigwaitinfo()(set, info) : take(table, set, info, NEVER);
}

WAITS(int, sigwait, (const sigset_t *restrict set, int *restrict number), (set, number)) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL) return real_sigwait()(set, number);
  int saved = errno;
  int taken = take(table, set, NULL, NEVER);
  int error = errno;
  errno = saved;
  if (taken < 0) return error;
  *number = taken;
  return 0;
}

// ---- Waiting for a handler ----------------------------------------------------------------------------------------

static bool has_handler(int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0) return false;
  return action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL;
}

// Waits until a signal that `mask` lets through has been handled, under that mask.
static int wait_for_handler(const green_redirect_table *table, const sigset_t *mask) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(mask, number) == 0 && !must_come_at_once(number) && has_handler(number)) sigaddset(&set, number);
  }
  // From here until the fiber goes on the handlers wait for the hub to come round.
  hold_back(&set);
  int fd = -1, error = 0;
  while (error == 0) {
    // Lets a pending signal's handler run, without waiting for one: ppoll(2).
    static const struct timespec at_once = {0, 0};
    if (real_ppoll()(NULL, 0, &at_once, mask) < 0 && errno == EINTR) error = EINTR;
    else error = wait_until_pending(table, &set, &fd, NEVER);
  }
  let_through(&set);
  if (fd >= 0) close(fd);
  errno = error;
  return -1;
}

REDIRECTED int sigsuspend(const sigset_t *mask) {
  const green_redirect_table *table = fiber_table();
  return table == NULL ? real_sigsuspend()(mask) : wait_for_handler(table, mask);
}

// The thread's mask without what another fiber's wait has blocked.
static sigset_t own_mask(void) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  for (int number = 1; number < SIGNALS; number++) {
    if (sigismember(&blocked_here, number) == 1) sigdelset(&mask, number);
  }
  return mask;
}

REDIRECTED int pause(void) {
  const green_redirect_table *table = fiber_table();
  if (table == NULL) return real_pause()();
  const sigset_t mask = own_mask();
  return wait_for_handler(table, &mask);
}

// sigpause(3) has two meanings by one name, which the header tells apart: with the mask of BSD, which has 32 signals, and
// with the one signal of System V that is let through.
REDIRECTED int green_sigpause_bsd(int mask) __asm__("sigpause");
REDIRECTED int green_sigpause_xpg(int number) __asm__("__xpg_sigpause");
REDIRECTED int __sigpause(int number_or_mask, int is_number);

int green_sigpause_bsd(int mask) {
  sigset_t set;
  sigemptyset(&set);
  for (int number = 1; number <= 32; number++) {
    if (((unsigned)mask >> (number - 1) & 1) != 0) sigaddset(&set, number);
  }
  return sigsuspend(&set);
}

int green_sigpause_xpg(int number) {
  sigset_t mask = own_mask();
  return sigdelset(&mask, number) == 0 ? sigsuspend(&mask) : -1;
}

int __sigpause(int number_or_mask, int is_number) {
  return is_number != 0 ? green_sigpause_xpg(number_or_mask) : green_sigpause_bsd(number_or_mask);
}

ALIAS(sigsuspend, __sigsuspend)
ALIAS(sigtimedwait, __sigtimedwait)
