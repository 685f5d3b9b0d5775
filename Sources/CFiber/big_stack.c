// A large stack for one call, which stays the calling fiber's.

#include "control_block.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

// What stays resident of a stack that is kept, when the rest is given back.
#define WARM_BYTES (64 * 1024)
// How many calls may find the memory of a deep one still there.
#define CALLS_BETWEEN_TRIMS 64
#define KEPT 8

#ifdef GREEN_UCONTEXT
#define HOME_CONTEXT_BYTES 2048
#else
#define HOME_CONTEXT_BYTES 16
#endif

struct call {
  cfiber_entry body;
  void *argument;
  struct cfiber_slab *slab;
  cfiber_fiber home;            // where the call came from, for the switch back
  _Alignas(64) char context[HOME_CONTEXT_BYTES];
};

// ---- The stacks that are kept ------------------------------------------------------------------------------------

// Slots and no lock: a child that was forked in the middle of this finds at worst one stack fewer.
static struct cfiber_slab *_Atomic kept[KEPT];
static atomic_uint calls;

static struct cfiber_slab *take(size_t bytes) {
  for (int i = 0; bytes == GREEN_BIG_STACK_BYTES && i < KEPT; i++) {
    struct cfiber_slab *slab = atomic_load_explicit(&kept[i], memory_order_relaxed);
    if (slab) slab = atomic_exchange(&kept[i], NULL);
    if (slab) return slab;
  }
  struct cfiber_geometry geometry;
  size_t grown;
  if (__builtin_mul_overflow(bytes, (size_t)GREEN_BIG_STACK_GROWTH, &grown)) grown = bytes;
  if (!cfiber_geometry_for(grown, &geometry)) return NULL;
  struct cfiber_slab *slab = cfiber_slab_map(&geometry, 1);
  if (!slab) return NULL;
  slab->is_big = true;
  if (cfiber_slab_ready_next(slab) == 0) {
    cfiber_slab_fiber(slab, 0)->slab = slab;
    return slab;
  }
  int error = errno;
  cfiber_slab_unmap(slab);
  errno = error;
  return NULL;
}

static void put_back(struct cfiber_slab *slab, size_t bytes) {
  if (bytes == GREEN_BIG_STACK_BYTES) {
    if (atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) % CALLS_BETWEEN_TRIMS == 0) {
      madvise(cfiber_slab_low(slab, 0), slab->geometry.stack - WARM_BYTES, MADV_DONTNEED);
    }
    for (int i = 0; i < KEPT; i++) {
      struct cfiber_slab *none = NULL;
      if (atomic_compare_exchange_strong(&kept[i], &none, slab)) return;
    }
  }
  cfiber_slab_unmap(slab);
}

// ---- The call ----------------------------------------------------------------------------------------------------

// Sanitizers know a stack by the fiber that runs on it, and libraries ask for its bounds: so the calling fiber gets those of
// the big one meanwhile.
static void lend(cfiber_fiber *fiber, const cfiber_fiber *bounds) {
  fiber->stack_low = bounds->stack_low;
  fiber->stack_size = bounds->stack_size;
  fiber->sanitizer_fiber = bounds->sanitizer_fiber;
#ifdef GREEN_CONTROL_BLOCKS
  if (fiber->control_block) cfiber_control_block_bound(fiber->control_block, fiber->stack_low, fiber->stack_size);
#endif
}

// The innermost of a thread that runs no fibers, or of its root, of which a sanitizer notes the thread's bounds.
static _Thread_local const cfiber_fiber *of_thread __attribute__((tls_model("initial-exec")));

bool cfiber_stack_bounds(void **low, size_t *bytes) {
  const cfiber_fiber *bounds = cfiber_running && cfiber_running->slab ? cfiber_running : of_thread;
  if (!bounds) return false;
  *low = bounds->stack_low;
  *bytes = bounds->stack_size;
  return true;
}

ON_BOTH_STACKS static void begin(void *argument) {
  struct call *call = argument;
  cfiber_fiber *carrier = cfiber_slab_fiber(call->slab, 0);
  if (cfiber_notes_wanted() && !cfiber_this_thread.observed) cfiber_note_arrive(&call->home, carrier);
  call->body(call->argument);
  if (cfiber_notes_wanted()) cfiber_note_leave(carrier, &call->home, true);
  cfiber_note_switch(&call->home);
  cfiber_switch_bare(carrier, &call->home);
  __builtin_trap();
}

ON_BOTH_STACKS static void run(struct call *call, cfiber_fiber *caller) {
  cfiber_fiber *carrier = cfiber_slab_fiber(call->slab, 0), *home = &call->home;
  memset(home, 0, sizeof *home);
  cfiber_context_adopt(home, call->context);
  if (caller) {
    lend(home, caller);
    home->slab = caller->slab;
  } else {
    cfiber_note_root(home);
  }
  memset(carrier, 0, offsetof(cfiber_fiber, name) + 1);
  carrier->entry = begin;
  carrier->argument = call;
  carrier->slab = call->slab;
  char *top = (char *)carrier - cfiber_context_bytes;
  carrier->stack_low = cfiber_slab_low(call->slab, 0);
  carrier->stack_size = (size_t)(top - (char *)carrier->stack_low);
  cfiber_context_prepare(carrier, top, top);
  cfiber_note_create(carrier);
  call->slab->caller = caller;

  // Who parks in the call is the caller, and its own member says where it goes on; home's is for the end.
  const cfiber_fiber *outer = of_thread;
  bool is_fiber = caller && caller->slab;
  if (caller) lend(caller, carrier);
  if (!is_fiber) of_thread = carrier;
  cfiber_this_thread.previous = home;
  if (cfiber_notes_wanted()) cfiber_note_leave(home, carrier, false);
  cfiber_note_switch(carrier);
  cfiber_switch_bare(home, carrier);
  if (cfiber_notes_wanted()) cfiber_note_arrive(carrier, home);
  if (caller) lend(caller, home);
  if (!is_fiber) of_thread = outer;
  cfiber_note_recycle(carrier);
}

int cfiber_call_on_big_stack(size_t bytes, cfiber_entry body, void *argument) {
  if (bytes == 0) bytes = GREEN_BIG_STACK_BYTES;
  int saved = errno;
  struct call call = {.body = body, .argument = argument, .slab = take(bytes)};
  int error = call.slab ? 0 : errno;
  errno = saved;
  if (error) return error;
  run(&call, cfiber_running);
  saved = errno;
  put_back(call.slab, bytes);
  errno = saved;
  return 0;
}
