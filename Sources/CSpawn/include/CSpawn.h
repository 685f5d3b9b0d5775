#ifndef CSPAWN_H
#define CSPAWN_H

// Starting and reaping child processes.
//
// posix_spawn(3) does most of this, but tells neither which step failed nor opens the descriptor of the process.

#include <stddef.h>
#include <sys/types.h>

enum { CSPAWN_GROUP_INHERITED, CSPAWN_GROUP_NEW, CSPAWN_GROUP_SESSION };

// What the child was at when it failed.
enum { CSPAWN_AT_PROCESS, CSPAWN_AT_GROUP, CSPAWN_AT_DIRECTORY, CSPAWN_AT_STREAMS, CSPAWN_AT_PROGRAM };

typedef struct cspawn_request {
  const char *const *programs;  // paths that are tried in turn, as execvp(3) does; NULL at the end
  int image;                    // the program's open file, where `programs` is NULL
  char *const *arguments;       // NULL at the end
  char *const *environment;     // NULL at the end; NULL itself for that of this process
  const char *directory;        // NULL for that of this process
  int streams[3];               // what becomes standard input, output and error; -1 for those of this process
  int group;
  const int *inherited;         // descriptors that the program keeps, beside those that are not close-on-exec; NULL where
  size_t inherited_count;       // it is to have none but the three streams
  int dies_with_parent;         // whether it is killed when the calling thread ends: PR_SET_PDEATHSIG of prctl(2)
} cspawn_request;

typedef struct cspawn_result {
  pid_t pid;
  int descriptor;  // pidfd_open(2): readable when the process has ended; close-on-exec; -1 before Linux 5.3
  int step;        // on failure
  int error;       // on failure, an errno
} cspawn_result;

// Starts a process with no signal blocked, ignored or handled, and no descriptors but those above. Returns 0 when the
// program runs, else -1, and nothing of it has run. The caller may have threads: everything in the child is
// async-signal-safe, and no handler of this process runs in it.
int cspawn_start(const cspawn_request *request, cspawn_result *result);

// pidfd_open(2): a descriptor as above, of a process that was started otherwise. -1 where there is none to be had.
int cspawn_open(pid_t pid);

typedef struct cspawn_status {
  int is_signal;    // `value` is the signal that ended the process, else what it gave to exit
  int value;
  int dumped_core;
} cspawn_status;

// Takes the status of a child that has ended: waitid(2). 1 when it has, 0 when it has not, -1 with errno.
int cspawn_reap(pid_t pid, cspawn_status *status);

// pidfd_send_signal(2), or kill(2) where the descriptor is -1. 0, or -1 with errno.
int cspawn_signal(pid_t pid, int descriptor, int signal);

#endif
