// swift_once, dispatch_once(3) and pthread_once(3): the initialiser belongs to the fiber that runs it.
//
// When it parks and another fiber asks for the same value, that one waits for it while the hub goes on. Untreated it
// would wait in the kernel, with the whole thread, for a fiber that only this thread can run.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <CReport.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// ---- swift_once (stdlib/public/runtime/Once.cpp) ------------------------------------------------------------------
//
// The token is a word: 0 at first, -1 when done; the compiler tests for -1 inline. While the initialiser runs it is
// ours: who runs it, and whether threads wait.

typedef _Atomic intptr_t once_token;
#define ONCE_DONE ((intptr_t)-1)
#define ONCE_RUNNING ((intptr_t)1)
#define ONCE_AWAITED ((intptr_t)2)

static intptr_t own_identity(const credirect_table *table) {
  if (table != NULL) return (intptr_t)cfiber_identity() & ~(intptr_t)3;
  // Never a fiber's: those are addresses, far above any thread number.
  return (intptr_t)syscall(SYS_gettid) << 2;
}

static bool is_running(void *context) { return atomic_load((once_token *)context) != ONCE_DONE; }

// The fiber that runs the initialiser; 0 for a thread.
static uint64_t once_holder(const void *address, unsigned index) {
  intptr_t value = atomic_load((const once_token *)address);
  if (value == ONCE_DONE || value == 0 || index > 0) return 0;
  // A thread's number has 22 bits.
  return (value >> 26) == 0 ? 0 : cfiber_id_of((uintptr_t)(value & ~(intptr_t)3));
}

static void wait_for(once_token *token, const credirect_table *table) {
  if (table != NULL) {
    const credirect_object_wait wait = {
        .address = (const void *)token, .name = "the lazy global", .holder = once_holder};
    credirect_wait_for(table, &wait, is_running, (void *)token, NEVER, NULL);
    return;
  }
  if (is_callback()) credirect_refuse_callback("the lazy global", once_holder((const void *)token, 0));
  intptr_t value = atomic_load(token);
  if (value == ONCE_DONE) return;
  if ((value & ONCE_AWAITED) == 0 && !atomic_compare_exchange_strong(token, &value, value | ONCE_AWAITED)) return;
  // The kernel compares the low half of the word, which holds the flag.
  syscall(SYS_futex, token, FUTEX_WAIT_PRIVATE, (int)(value | ONCE_AWAITED), NULL);
}

void swift_once(once_token *token, void (*initialise)(void *), void *context);

REDIRECTED void swift_once(once_token *token, void (*initialise)(void *), void *context) {
  intptr_t value = atomic_load_explicit(token, memory_order_acquire);
  if (value == ONCE_DONE) return;
  const credirect_table *table = fiber_table();
  intptr_t own = own_identity(table);
  for (;;) {
    value = 0;
    if (atomic_compare_exchange_strong(token, &value, own | ONCE_RUNNING)) break;
    if (value == ONCE_DONE) return;
    if ((value & ~(intptr_t)3) == own) {
      creport_format("a lazy global's initialiser asks for the same global");
      abort();
    }
    wait_for(token, table);
  }
  initialise(context);
  value = atomic_exchange(token, ONCE_DONE);
  if ((value & ONCE_AWAITED) != 0) syscall(SYS_futex, token, FUTEX_WAKE_PRIVATE, INT_MAX);
  credirect_unpark((const void *)token, true);
}

// ---- dispatch_once(3) ---------------------------------------------------------------------------------------------
//
// The same, with the same values of its token. Where libdispatch is linked in, its own are in a file of their archive that
// nothing else needs once these are there. Weak, for a link that takes it all the same.

struct dispatch_block {
  void *isa;
  int flags, reserved;
  void (*invoke)(void *); // Block_private.h: the block is its argument
};

void dispatch_once_f(once_token *token, void *context, void (*initialise)(void *));
void dispatch_once(once_token *token, struct dispatch_block *block);

REDIRECTED_DISPATCH void dispatch_once_f(once_token *token, void *context, void (*initialise)(void *)) {
  swift_once(token, initialise, context);
}

REDIRECTED_DISPATCH void dispatch_once(once_token *token, struct dispatch_block *block) {
  swift_once(token, block->invoke, block);
}

// ---- pthread_once -------------------------------------------------------------------------------------------------
//
// glibc's own does the work, so that forks and exceptions are treated as it treats them; fibers only wait for it
// elsewhere.

// Never a sanitizer's, whose control has other values.
#define credirect_find(name, interceptor) credirect_find(name, NULL)
REAL(pthread_once)
#undef credirect_find

#define CONTROL_RUNNING 1 // glibc: nptl/pthreadP.h
#define CONTROL_DONE 2

static int control_value(pthread_once_t *control) { return __atomic_load_n(control, __ATOMIC_ACQUIRE); }

static bool is_done(pthread_once_t *control) { return (control_value(control) & CONTROL_DONE) != 0; }

static bool is_in_progress(void *context) {
  int value = control_value(context);
  return (value & CONTROL_DONE) == 0 && (value & CONTROL_RUNNING) != 0;
}

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
  const credirect_object_wait wait = {.address = control, .name = "the once control", .holder = credirect_holder_number};
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
