// swift_once and dispatch_once(3): the initialiser belongs to the fiber that runs it.
//
// When it parks and another fiber asks for the same value, that one waits for it while the hub goes on. Untreated it
// would wait in the kernel, with the whole thread, for a fiber that only this thread can run.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <CReport.h>
#include <limits.h>
#include <linux/futex.h>
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

// ---- Forks --------------------------------------------------------------------------------------------------------
//
// What another fiber or thread of the parent had begun is begun again in the child, as glibc has it for pthread_once(3).

static OF_THREAD int forking_thread_of_thread;
#define forking_thread GREEN_OF_THREAD(forking_thread_of_thread)

// In a child: the latest fiber of its parent, and the thread and fiber, 0 for none, that have forked, and go on.
static uint64_t last_of_parent;
static intptr_t forked_thread, forked_fiber;

void credirect_note_forking(void) { forking_thread = (int)syscall(SYS_gettid); }

void credirect_forget_initialisers(void) {
  last_of_parent = cfiber_last_id();
  forked_thread = (intptr_t)forking_thread << 2;
  forked_fiber = cfiber_current() != NULL ? (intptr_t)cfiber_identity() : 0;
}

static bool is_left_behind(intptr_t value) {
  intptr_t owner = value & ~(intptr_t)3;
  // No process but a child has a number here.
  if (forked_thread == 0 || owner == forked_thread || owner == forked_fiber) return false;
  uint64_t fiber = cfiber_id_of((uintptr_t)owner);
  return fiber != 0 ? fiber <= last_of_parent : credirect_is_left_behind((int)(owner >> 2));
}

// ---- The function -------------------------------------------------------------------------------------------------

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
    if (!is_left_behind(value)) wait_for(token, table);
    else if (atomic_compare_exchange_strong(token, &value, own | ONCE_RUNNING)) break;
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
