// pthread_once(3): the initialiser belongs to the fiber that runs it.
//
// glibc's own does the work, so that forks and exceptions are treated as it treats them; fibers only wait for it
// elsewhere.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <pthread.h>

// Never a sanitizer's, whose control has other values.
#define credirect_find(name, interceptor) credirect_find(name, NULL)
REAL(pthread_once)
#undef credirect_find

#define CONTROL_DONE 2 // glibc: nptl/pthreadP.h

static int control_value(pthread_once_t *control) { return __atomic_load_n(control, __ATOMIC_ACQUIRE); }

static bool is_done(pthread_once_t *control) { return (control_value(control) & CONTROL_DONE) != 0; }

// Above the two bits is the number of forks between this process and the program's start. What the parent of a child had begun
// glibc begins again there. So one that is under way is known by its value, which glibc tells itself.
static _Atomic int value_of_running;

static pthread_once_t probe;

static void note_running(void) { atomic_store(&value_of_running, control_value(&probe)); }

void credirect_forget_once(void) {
  // Not where the C library comes first, and nothing is redirected.
  if (real_pthread_once() == NULL) return;
  __atomic_store_n(&probe, PTHREAD_ONCE_INIT, __ATOMIC_RELAXED);
  real_pthread_once()(&probe, note_running);
}

__attribute__((constructor)) static void learn_running(void) { credirect_forget_once(); }

static bool is_in_progress(void *context) { return control_value(context) == atomic_load(&value_of_running); }

struct running {
  pthread_once_t *control;
  struct holder *holder;
};

static void end_once(void *context) {
  struct running *running = context;
  if (running->holder != NULL) credirect_let_go(running->holder);
  credirect_unpark(running->control, true);
}

REDIRECTED int pthread_once(pthread_once_t *control, void (*initialise)(void)) {
  if (is_done(control)) return 0;
  const credirect_table *table = fiber_table();
  const credirect_object_wait wait = {
      .address = control, .name = "the once control", .holder = credirect_holder_number};
  unsigned pause = 0;
  // One that ends by an exception ends without a word to us: look again now and then.
  while (table != NULL && is_in_progress(control)) {
    credirect_wait_for(table, &wait, is_in_progress, control, NEVER, &pause);
  }
  if (is_callback() && is_in_progress(control)) {
    credirect_refuse_callback("the once control", credirect_holder_number(control, 0));
  }
  struct holder *left = table != NULL ? credirect_holder(control) : NULL;
  if (left != NULL) credirect_let_go(left);
  struct holder *holder = table != NULL ? credirect_hold(control, cfiber_identity()) : NULL;
  struct running running = {control, holder};
  pthread_cleanup_push(end_once, &running);
  real_pthread_once()(control, initialise);
  pthread_cleanup_pop(1);
  return 0;
}

// Of programs linked before glibc 2.34.
ALIAS(pthread_once, __pthread_once)
