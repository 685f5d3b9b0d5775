// sigaction(2), signal(2): while a signal handler of the program runs, calls pass straight through.
//
// A handler runs in the middle of whatever its thread was doing, on a fiber's stack or on the alternate one. If it parked,
// other fibers would run inside it, with the signal blocked. So the kernel is given a handler of ours, which calls the
// program's; the program sees its own where it asks.
//
// A handler that is left by siglongjmp(3) leaves the redirect off in the fiber that it interrupted.

#include "redirect.h"

#include <unistd.h>

REAL(sigaction)
REAL(signal)
REAL(sysv_signal)

typedef void (*simple_handler)(int);
typedef void (*full_handler)(int, siginfo_t *, void *);

// What the program has asked for, by signal.
static _Atomic(simple_handler) handlers[_NSIG];
// A child of vfork shares our memory, but what it does to its signals is its own.
static pid_t home;

void credirect_set_home(void) { home = getpid(); }

bool credirect_is_home(void) { return getpid() == home; }

static unsigned *bypass(void) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  return table != NULL ? table->bypass() : NULL;
}

static _Thread_local unsigned depth;

bool credirect_in_handler(void) {
  // In a handler no call is a fiber's: one that is comes after a handler that siglongjmp(3) left.
  if (depth > 0 && family_table(~0u) != NULL) depth = 0;
  return depth > 0;
}

// A handler of the program begins or ends.
static void count(unsigned *counter, int change) {
  depth += (unsigned)change;
  if (counter != NULL) *counter += (unsigned)change;
}

static void run_simple(int signal) {
  unsigned *counter = bypass();
  count(counter, 1);
  atomic_load(&handlers[signal])(signal);
  count(counter, -1);
}

static void run_full(int signal, siginfo_t *information, void *context) {
  unsigned *counter = bypass();
  count(counter, 1);
  ((full_handler)(void *)atomic_load(&handlers[signal]))(signal, information, context);
  count(counter, -1);
}

static bool is_function(simple_handler handler) {
  return handler != SIG_DFL && handler != SIG_IGN && handler != SIG_ERR && handler != SIG_HOLD;
}

static bool is_ours(simple_handler handler) { return handler == run_simple || (void *)handler == (void *)run_full; }

REDIRECTED int sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
  if (signal <= 0 || signal >= _NSIG) return real_sigaction()(signal, action, old);
  simple_handler before = atomic_load(&handlers[signal]);
  struct sigaction given;
  bool is_wrapped = action != NULL && is_function(action->sa_handler) && getpid() == home;
  if (is_wrapped) {
    given = *action;
    if ((given.sa_flags & SA_SIGINFO) != 0) given.sa_sigaction = run_full;
    else given.sa_handler = run_simple;
    // First, since the signal may come at once.
    atomic_store(&handlers[signal], action->sa_handler);
  }
  int result = real_sigaction()(signal, is_wrapped ? &given : action, old);
  if (result != 0 && is_wrapped) atomic_store(&handlers[signal], before);
  if (result == 0 && old != NULL && is_ours(old->sa_handler)) old->sa_handler = before;
  return result;
}

static simple_handler install(int number, simple_handler handler, __typeof__(signal) *real) {
  if (number <= 0 || number >= _NSIG) return real(number, handler);
  simple_handler before = atomic_load(&handlers[number]);
  bool is_wrapped = is_function(handler) && getpid() == home;
  if (is_wrapped) atomic_store(&handlers[number], handler);
  simple_handler result = real(number, is_wrapped ? run_simple : handler);
  if (result == SIG_ERR && is_wrapped) atomic_store(&handlers[number], before);
  return is_ours(result) ? before : result;
}

REDIRECTED simple_handler signal(int number, simple_handler handler) {
  return install(number, handler, real_signal());
}

REDIRECTED simple_handler sysv_signal(int number, simple_handler handler) {
  return install(number, handler, real_sysv_signal());
}

// ---- Handlers that are there already ------------------------------------------------------------------------------
//
// What is loaded earlier may have set one, or set it past us: Swift's runtime, which catches crashes and then waits for the
// program that tells the calls.

static void adopt(int number) {
  struct sigaction now;
  if (real_sigaction()(number, NULL, &now) != 0 || !is_function(now.sa_handler) || is_ours(now.sa_handler)) return;
  sigaction(number, &now, NULL);
}

__attribute__((constructor)) static void find_home(void) {
  credirect_set_home();
  if (!credirect_bound()) return;
  for (int number = 1; number < _NSIG; number++) adopt(number);
}

ALIAS(sigaction, __sigaction)
ALIAS(signal, bsd_signal)
ALIAS(signal, ssignal)
ALIAS(sysv_signal, __sysv_signal)
