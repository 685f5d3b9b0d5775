#ifndef CPROCESS_CPROCESS_INTERNAL_H
#define CPROCESS_CPROCESS_INTERNAL_H

// Between the files of CProcess; not for others.

#include <stdbool.h>

#include "cprocess_inheritance.h"
#include "cprocess_scoreboard.h"

#pragma GCC visibility push(hidden)

void cprocess_image_capture(int argc, char **argv, char **envp);
// Takes the variables of what is inherited out of the environment, and what they stand for if they are believed.
void cprocess_inheritance_capture(void);
void cprocess_fork_server_capture(void);
// Whether this token waits in a socket, out of which it is taken only then.
bool cprocess_takes_token(int socket, const char *token);
// This process is a worker from now on.
void cprocess_worker_inherit(const cprocess_inheritance *inherited);
// Whether an entry of the environment is for one process of the server alone, and not for those that it starts.
bool cprocess_is_own_variable(const char *entry);
// Becomes the user that the master has named, in a worker; -1 for what is none. Takes the variable out of the environment.
void cprocess_owner_take(int handshake);
// In a child of the worker. Async-signal-safe.
void cprocess_scoreboard_disown(cprocess_scoreboard *board);

#pragma GCC visibility pop
#endif
