#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "quiet.h"

#include <errno.h>
#include <time.h>

struct quiet cglibc_quiet_begin(void) {
  struct quiet quiet;
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &quiet.before);
  quiet.takes = true;
  if (sigismember(&quiet.before, SIGPIPE)) {
    // Who blocked it may be waiting for one that is pending already.
    sigset_t pending;
    quiet.takes = sigpending(&pending) == 0 && !sigismember(&pending, SIGPIPE);
  }
  return quiet;
}

void cglibc_quiet_end(const struct quiet *quiet, bool failed_with_epipe) {
  int saved = errno;
  if (failed_with_epipe && quiet->takes) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    const struct timespec none = {0, 0};
    while (sigtimedwait(&pipe, NULL, &none) < 0 && errno == EINTR) {}
  }
  if (!sigismember(&quiet->before, SIGPIPE)) pthread_sigmask(SIG_SETMASK, &quiet->before, NULL);
  errno = saved;
}
