#ifndef CPROCESS_INHERITANCE_H
#define CPROCESS_INHERITANCE_H

// What a master hands to a worker, or to the master that is to take its place, across exec: one environment variable which
// names the descriptors, and the descriptors.
//
// The variable alone means nothing: it is believed only if its handshake descriptor is a socket in which the token
// that the variable names is already waiting. Only a master that made both can arrange that, so a variable that leaks
// into another program, or is set by hand, changes nothing. It is taken from the environment before main.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPROCESS_WORKER_VARIABLE "GREENFINCH_WORKER"
#define CPROCESS_SUCCESSOR_VARIABLE "GREENFINCH_SUCCESSOR"
#define CPROCESS_DAEMON_VARIABLE "GREENFINCH_DAEMON"  // whom a server in the background answers
#define CPROCESS_LISTENER_LIMIT 64
#define CPROCESS_TOKEN_BYTES 32  // hexadecimal digits

typedef struct cprocess_inheritance {
  int slot;        // the worker's place on the scoreboard; for a successor the process id of the master before it
  int handshake;   // a SOCK_SEQPACKET to the master
  int scoreboard;  // the memory of the scoreboard
  int listener_count;
  int listeners[CPROCESS_LISTENER_LIMIT];
} cprocess_inheritance;

// What this process inherited, all of it close-on-exec again; NULL in a process that is not a worker.
const cprocess_inheritance *cprocess_worker_inheritance(void);

// The same of a master that is to take another's place; NULL in any other process.
const cprocess_inheritance *cprocess_successor_inheritance(void);

// Writes a fresh random token of CPROCESS_TOKEN_BYTES digits and a 0. Returns 0, or -1 with errno.
int cprocess_token_create(char token[CPROCESS_TOKEN_BYTES + 1]);
// Writes "VARIABLE=…", ended by a 0. Returns its length, or -1 (ENOSPC, EINVAL).
int cprocess_inheritance_describe(
    const char *variable, const cprocess_inheritance *inheritance, const char *token, char *buffer, size_t size);
// Reads the value of the variable. Returns 0 and the token, or -1 when it is malformed. Touches no descriptor.
int cprocess_inheritance_parse(const char *value, cprocess_inheritance *inheritance, char token[CPROCESS_TOKEN_BYTES + 1]);

#ifdef __cplusplus
}
#endif
#endif
