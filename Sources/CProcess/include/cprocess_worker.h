#ifndef CPROCESS_WORKER_H
#define CPROCESS_WORKER_H

#include <stddef.h>

#include "cprocess_scoreboard.h"

#ifdef __cplusplus
extern "C" {
#endif

// What is a worker's belongs to one process. A child that the application forks, and which does not exec, holds copies
// of it all: from here on fork takes it away from the child.
//
// In the child the scoreboard is private memory, what is written there is seen by nobody; SIGTERM, SIGINT and SIGQUIT
// take their default course; the handshake and the listeners are closed, so that the child keeps neither the port nor
// the master's idea of its worker. Once a process; `descriptors` are copied. -1 with errno.
int cprocess_worker_own(cprocess_scoreboard *board, const int *descriptors, size_t count);

// Of these descriptors only the first `count` are the worker's from now on: to be called before it closes the others, whose
// numbers the application's files get then.
void cprocess_worker_keep(size_t count);

// What fork does in a child, in one that fork(2)'s handlers did not hear of. Async-signal-safe; once is enough.
void cprocess_worker_disown(void);

extern const volatile int *cprocess_worker_owner;

// Whether this process is a child of the worker and not the worker itself, however it was made. Costs two loads.
static inline int cprocess_worker_is_child(void) { return *cprocess_worker_owner == 0; }

#ifdef __cplusplus
}
#endif
#endif
