// What the redirect forgets in the child of fork(2): its parent's other threads and fibers.

#include "redirect.h"

#include <CFork.h>

#include <errno.h>
#include <signal.h>
#include <sys/single_threaded.h>
#include <unistd.h>

static bool has_threads, is_child;

bool credirect_is_child(void) { return is_child; }

bool credirect_is_left_behind(int thread) {
  int error = errno;
  bool lives = tgkill(getpid(), thread, 0) == 0 || errno != ESRCH;
  errno = error;
  return !lives;
}

static void before_fork(void) {
  has_threads = !__libc_single_threaded;
  credirect_note_forking();
  credirect_close_runtime();
}

static void in_child(void) {
  if (has_threads) is_child = true;
  credirect_forget_runtime();
  credirect_forget_initialisers();
  credirect_forget_once();
  credirect_set_home();
  credirect_forget_parked();
  credirect_forget_writers();
  credirect_forget_semaphores();
  credirect_forget_scans();
  credirect_forget_timer();
  credirect_forget_signals();
  credirect_forget_lookers();
}

__attribute__((constructor)) static void set_fork_handler(void) {
  cfork_set(CFORK_REDIRECT,
            (cfork_handlers){.before = before_fork, .in_parent = credirect_open_runtime, .in_child = in_child});
}
