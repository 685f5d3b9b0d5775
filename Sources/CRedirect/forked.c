// What the redirect forgets in the child of fork(2): its parent's other threads and fibers.

#include "redirect.h"

#include <CFork.h>

static void in_child(void) {
  credirect_set_home();
  credirect_forget_parked();
  credirect_forget_writers();
  credirect_forget_semaphores();
  credirect_forget_scans();
  credirect_forget_timer();
}

__attribute__((constructor)) static void set_fork_handler(void) {
  cfork_set(CFORK_REDIRECT, (cfork_handlers){.in_child = in_child});
}
