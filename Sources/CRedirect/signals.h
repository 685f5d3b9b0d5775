// Shared by sigwait.c and sigsuspend.c: a fiber that waits for signals.
//
// A signalfd tells when one of the signals is pending, and takes none: that is done by the real call, which then does
// not wait, so that nothing but what was asked for is taken, and by one waiter only.

#ifndef SIGNALS_H
#define SIGNALS_H

#define FAMILY GREEN_SIGNALS
#include "redirect.h"

#include <pthread.h>
#include <signal.h>

#define SIGNALS 65

// Whether the signal must not wait: faults, what watches the thread, and what interrupts it.
bool credirect_comes_at_once(int number);
// Keeps the signals pending while fibers of this thread wait for them, from the first such fiber to the last.
void credirect_hold_back(const sigset_t *set);
void credirect_let_through(const sigset_t *set);
// Waits until one of the signals is pending: 0, or an errno. Without a descriptor: until it is time to look.
int credirect_wait_until_pending(const credirect_table *table, const sigset_t *set, int *fd, int64_t deadline);

#endif
