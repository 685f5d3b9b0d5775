// Shared by syscall.c, futex.c and futex_lock.c: the calls of futex(2).

#ifndef FUTEX_H
#define FUTEX_H

#include "redirect.h"

struct futex_call {
  _Atomic uint32_t *word;
  int operation;
  uint32_t value;
  const struct timespec *time; // of some operations a number
  const void *word2;
  uint32_t value3;
  // Whose call it is: an address in its code.
  const void *caller;
};

// The kernel's, whatever it is.
long credirect_real_futex(const struct futex_call *call);

// Each returns as the system call does, with errno. Without a table they are the real call, and wake fibers too.
long credirect_futex_wait(const credirect_table *table, const struct futex_call *call);
long credirect_futex_wake(const struct futex_call *call);
long credirect_futex_move(const struct futex_call *call);
long credirect_futex_lock(const credirect_table *table, const struct futex_call *call);

#endif
