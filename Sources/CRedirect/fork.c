// _Fork(3) tells no handler of pthread_atfork, so that a fiber with a thread control block of its own must be followed
// here; fork(2) is followed by CFiber.

#include "redirect.h"

#include <unistd.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)

REAL(_Fork)

REDIRECTED pid_t _Fork(void) {
  void *loaded = green_enter_thread();
  pid_t child = real__Fork()();
  if (child == 0) green_isolation_forked();
  green_leave_thread(loaded);
  return child;
}

#endif
