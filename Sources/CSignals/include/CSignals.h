#ifndef CSIGNALS_H
#define CSIGNALS_H

// Signals as something to poll for: a handler that counts, and an eventfd for each waiter.
//
// libev's ev_signal lets one loop of a process watch a signal, resets it to SIG_DFL when the watcher stops, and leaves
// its handler in place in a forked child. Here any number of threads may watch a signal, each gets every one, the
// disposition from before comes back, and a forked child begins with it: also one that was made without the handlers of
// fork, when the first signal comes to it.

#include "CSignalsChain.h"

#include <stdint.h>

// One who watches a set of signals. Never freed, since a handler on another thread may be reading it, but used again.
typedef struct csignals_watcher csignals_watcher;

// Watches the signals whose bits are set (signal n has bit n - 1), and unblocks them for the calling thread. The eventfd
// `descriptor`, which must be non-blocking, becomes readable when one has come. NULL with errno: EINVAL for a signal that
// cannot be caught; then none is watched.
csignals_watcher *csignals_watch(uint64_t signals, int descriptor);
// Takes one signal that has come, the signals in turn; 0 when there is none. The descriptor stays readable until then.
int csignals_take(csignals_watcher *watcher);
// Ends the watch; a signal that nobody watches any more has its earlier disposition again, unless somebody has set
// another since. No handler uses the descriptor afterwards: close it. Does nothing but give the watcher back in a child
// that was forked since.
void csignals_release(csignals_watcher *watcher);
// Those of these that are watched end the process at once, with status 0, instead of being counted: while code runs that
// does not return to where they are taken. 0 for none.
void csignals_end_at_once(uint64_t signals);

#endif
