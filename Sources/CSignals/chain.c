#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "include/CSignalsChain.h"

#include <string.h>

void csignals_take_over(int number, void (*handler)(int, siginfo_t *, void *), int flags, struct sigaction *previous) {
  // Read first: a signal between the two calls must find the handler that it is handed on to.
  sigaction(number, NULL, previous);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_mask = previous->sa_mask;
  // Who ends a process that hangs wants to know where: not at the start of a handler that comes at the same moment. abort(3)
  // unblocks it.
  sigaddset(&action.sa_mask, SIGABRT);
  // Swift's backtracer reads memory that may not be there, and counts on SIGSEGV not being blocked meanwhile (SA_NODEFER).
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | (previous->sa_flags & SA_NODEFER) | flags;
  action.sa_sigaction = handler;
  sigaction(number, &action, NULL);
}

bool csignals_call(const struct sigaction *previous, int number, siginfo_t *information, void *context) {
  // First, since SA_SIGINFO makes no function of them.
  if (previous->sa_handler == SIG_IGN || previous->sa_handler == SIG_DFL) return false;
  if (previous->sa_flags & SA_SIGINFO) {
    previous->sa_sigaction(number, information, context);
  } else {
    previous->sa_handler(number);
  }
  return true;
}

void csignals_hand_on(const struct sigaction *previous, int number, siginfo_t *information, void *context) {
  // Sent by kill() and the like, not caused by an instruction.
  bool was_sent = information->si_code <= 0;
  if (csignals_call(previous, number, information, context)) {
    // Swift's backtracer and Python's faulthandler leave the process to the standard action, which no instruction brings about
    // that runs again.
    struct sigaction now;
    if (was_sent && sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL) raise(number);
    return;
  }
  if (previous->sa_handler == SIG_IGN && was_sent) return;
  // The instruction runs again when the handler returns, and then the process dies with a true core dump.
  struct sigaction standard;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigaction(number, &standard, NULL);
  if (was_sent) raise(number);
}
