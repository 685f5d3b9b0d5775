// sched_yield(2), thrd_yield(3): code that spins until another has done its part lets the other fibers run.

#define FAMILY GREEN_SLEEP
#include "redirect.h"

#include <sched.h>
#include <threads.h>

REAL(sched_yield)

REDIRECTED int sched_yield(void) {
  const credirect_table *table = fiber_table();
  int saved = errno;
  if (table != NULL) table->sleep_until(0);
  errno = saved;
  return real_sched_yield()();
}

REDIRECTED void thrd_yield(void) { sched_yield(); }

ALIAS(sched_yield, __sched_yield)
// Of programs linked before glibc 2.34.
int pthread_yield(void);
ALIAS(sched_yield, pthread_yield)
