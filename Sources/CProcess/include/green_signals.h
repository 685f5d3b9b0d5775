#ifndef GREEN_SIGNALS_H
#define GREEN_SIGNALS_H

// Signals as something to poll for.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Blocks the signals for the calling thread, and for those it starts from now on, and makes a descriptor (non-blocking,
// close-on-exec) that is readable when one has come. -1 with errno.
int green_signals_open(const int *signals, size_t count);
// Takes a signal out. 0 when there is none.
int green_signals_take(int descriptor);

// Catches the signals without blocking them, for processes whose children must not inherit a blocked signal: makes a
// descriptor (non-blocking, close-on-exec) from which each can be read as one byte. Once a process. System calls that a
// signal interrupts are started again where the kernel does that. -1 with errno.
int green_signals_catch(const int *signals, size_t count);
// While on, SIGINT and SIGQUIT that are caught end the process at once with status 0: for code that does not return to
// where the descriptor is read.
void green_signals_quick(int on);
// The name without SIG, "TERM"; "?" for a number that has none.
const char *green_signal_name(int signal);

#ifdef __cplusplus
}
#endif
#endif
