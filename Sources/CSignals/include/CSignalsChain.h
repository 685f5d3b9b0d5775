#ifndef CSIGNALS_CHAIN_H
#define CSIGNALS_CHAIN_H

// Handlers of signals that others handle too: a crash is of interest to more than one, Swift's backtracer or a sanitizer
// among them. Each takes the signal over from the one before, looks at it, and hands it on.

#include <signal.h>
#include <stdbool.h>

// Handles the signal with `handler` as its present handler wants to be called, since it is handed on to that one, and
// on the alternate stack where the thread has one. `flags` are added (SA_RESTART). `previous` gets the present handler,
// and must last as long as `handler` does.
void csignals_take_over(int number, void (*handler)(int, siginfo_t *, void *), int flags, struct sigaction *previous);
// Calls who handled the signal before; false where nobody did.
bool csignals_call(const struct sigaction *previous, int number, siginfo_t *information, void *context);
// Calls who handled the signal before, or lets it take its course: to be ignored, or that the process dies of it.
void csignals_hand_on(const struct sigaction *previous, int number, siginfo_t *information, void *context);

#endif
