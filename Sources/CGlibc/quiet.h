// A call that may raise SIGPIPE, without it.

#ifndef CGLIBC_QUIET_H
#define CGLIBC_QUIET_H

#include <signal.h>
#include <stdbool.h>

struct quiet {
  sigset_t before;
  // Whether a SIGPIPE that is pending afterwards is ours.
  bool takes;
};

// Blocks SIGPIPE for the calling thread.
struct quiet cglibc_quiet_begin(void);
// Takes back the signal that a failed call has left pending, and the block. Leaves errno alone.
void cglibc_quiet_end(const struct quiet *quiet, bool failed_with_epipe);

#endif
