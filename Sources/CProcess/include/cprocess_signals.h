#ifndef CPROCESS_SIGNALS_H
#define CPROCESS_SIGNALS_H

// Signals that stop a worker, as something to poll for.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Catches the signals, without blocking them: makes a descriptor (non-blocking, close-on-exec) from which each can be read
// as one byte. Once a process. System calls that a signal interrupts are started again where the kernel does that. -1 with
// errno.
int cprocess_signals_catch(const int *signals, size_t count);
// While on, SIGINT and SIGQUIT that are caught end the process at once with status 0: for code that does not return to
// where the descriptor is read.
void cprocess_signals_quick(int on);

#ifdef __cplusplus
}
#endif
#endif
