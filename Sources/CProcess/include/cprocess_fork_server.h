#ifndef CPROCESS_FORK_SERVER_H
#define CPROCESS_FORK_SERVER_H

// A process that a master starts to have its workers made by fork: it loads what they all need once, and forks itself when it is
// told to. It knows its master as a worker does, by a socket in which the token that a variable names is already waiting.

#include <stddef.h>
#include <sys/types.h>

#include "cprocess_inheritance.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CPROCESS_FORK_SERVER_VARIABLE "GREENFINCH_FORK_SERVER"  // "SOCKET:TOKEN"

// The socket to the master; -1 in what is no such process.
int cprocess_fork_server_socket(void);

// Writes "VARIABLE=…", ended by a 0. Returns its length, or -1 (ENOSPC).
int cprocess_fork_server_describe(int socket, const char *token, char *buffer, size_t size);

// From now on what is orphaned among this process's descendants is its own child: PR_SET_CHILD_SUBREAPER of prctl(2).
// -1 with errno.
int cprocess_adopt_orphans(void);

// A fork whose child is the child of the calling process's parent, where that adopts orphans. In the caller the child's
// number, or -1 with errno; in the child 0. The child may be alone before it has been adopted: until its parent says
// otherwise.
pid_t cprocess_fork_sibling(void);

// In a child of cprocess_fork_sibling: waits until the master has spoken in the handshake, and is a worker from then
// on. -1 where the master has gone.
int cprocess_become_worker(const cprocess_inheritance *inherited);

#ifdef __cplusplus
}
#endif
#endif
