// Who called whom on a stack: of a fiber that is switched out, of the running one, of one that a signal interrupted.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <ucontext.h>
#include <unwind.h>

#define ON_ANY_STACK __attribute__((no_sanitize("address", "thread")))

struct walk {
  uintptr_t *addresses;
  size_t capacity;
  volatile size_t count;  // a fault may end the walk, and what was found until then counts
  uintptr_t low, high;    // where the frames must lie
  uintptr_t start;        // the walk begins after the frame that returns to here
  bool started, includes_start;
};

static void add(struct walk *walk, uintptr_t address) {
#if defined(__aarch64__)
  // Without the signature that return addresses on the stack may carry (xpaclri).
  register uintptr_t link __asm__("x30") = address;
  __asm__("hint #7" : "+r"(link));
  address = link;
#endif
  if (walk->count < walk->capacity) walk->addresses[walk->count++] = address;
}

// A root's bounds are not known.
static void set_bounds(struct walk *walk, const cfiber_fiber *fiber) {
  bool known = fiber && fiber->slab;
  walk->low = known ? (uintptr_t)fiber->stack_low : 0;
  walk->high = known ? walk->low + fiber->stack_size : UINTPTR_MAX;
}

// ---- By the unwind tables ----------------------------------------------------------------------------------------

ON_ANY_STACK static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *argument) {
  struct walk *walk = argument;
  uintptr_t address = (uintptr_t)_Unwind_GetIP(context);
  if (address == 0) return _URC_END_OF_STACK;
  if (!walk->started) {
    walk->started = address == walk->start;
    if (!walk->started || !walk->includes_start) return _URC_NO_REASON;
  }
  uintptr_t frame = (uintptr_t)_Unwind_GetCFA(context);
  if (frame < walk->low || frame > walk->high || walk->count == walk->capacity) return _URC_END_OF_STACK;
  add(walk, address);
  return _URC_NO_REASON;
}

// ---- By frame pointers -------------------------------------------------------------------------------------------

// Each frame begins with the caller's frame pointer and the return address, on both architectures. A caller's frame
// lies above.
ON_ANY_STACK static void follow_frame_pointers(struct walk *walk, uintptr_t address, uintptr_t frame) {
  add(walk, address);
  uintptr_t above = walk->low;
  while (frame >= above && frame % sizeof frame == 0 && frame <= walk->high - 2 * sizeof frame &&
         walk->count < walk->capacity) {
    const uintptr_t *record = (const uintptr_t *)frame;
    if (record[1] == 0) return;
    add(walk, record[1]);
    above = frame + 2 * sizeof frame;
    frame = record[0];
  }
}

// ---- Whose ---------------------------------------------------------------------------------------------------------

#ifndef GREEN_UCONTEXT

void cfiber_unwind_from(const void *frame, void (*body)(void *), void *argument) GREEN_HIDDEN;
extern const char cfiber_unwind_landing[] GREEN_HIDDEN;

static void unwind(void *argument) {
  struct walk *walk = argument;
  _Unwind_Backtrace(visit, walk);
  walk->started = true;  // and this is not a tail call: the unwinder steps over this frame
}

static void walk_parked(struct walk *walk, const cfiber_fiber *fiber) {
  if (!fiber->stack_pointer) return;
  walk->start = (uintptr_t)cfiber_unwind_landing;
  cfiber_unwind_from(fiber->stack_pointer, unwind, walk);
}

#else

static void walk_parked(struct walk *walk, const cfiber_fiber *fiber) {
  uintptr_t address, frame;
  // Without bounds nothing says which memory may be read.
  if (fiber->slab && cfiber_context_place(fiber, &address, &frame)) follow_frame_pointers(walk, address, frame);
}

#endif

__attribute__((noinline)) size_t cfiber_backtrace(cfiber_fiber *fiber, uintptr_t *addresses, size_t capacity) {
  struct walk walk = {.addresses = addresses, .capacity = capacity};
  set_bounds(&walk, fiber);
  if (fiber != cfiber_running) {
    walk_parked(&walk, fiber);
    return walk.count;
  }
  walk.start = (uintptr_t)__builtin_return_address(0);
  walk.includes_start = true;
  _Unwind_Backtrace(visit, &walk);
  return walk.count;
}

// A fault leads back to here.
__attribute__((noinline)) static void unwind_guarded(struct walk *walk) {
  struct cfiber_thread *thread = cfiber_own_thread();
  sigjmp_buf guard;
  thread->guard = &guard;
  if (sigsetjmp(guard, 1) == 0) _Unwind_Backtrace(visit, walk);
  cfiber_own_thread()->guard = NULL;
}

size_t cfiber_backtrace_interrupted(const void *context, uintptr_t *addresses, size_t capacity) {
  struct walk walk = {.addresses = addresses, .capacity = capacity, .includes_start = true};
  uintptr_t frame = 0;
  const ucontext_t *interrupted = context;
#if defined(__x86_64__)
  walk.start = (uintptr_t)interrupted->uc_mcontext.gregs[REG_RIP];
  frame = (uintptr_t)interrupted->uc_mcontext.gregs[REG_RBP];
#elif defined(__aarch64__)
  walk.start = (uintptr_t)interrupted->uc_mcontext.pc;
  frame = (uintptr_t)interrupted->uc_mcontext.regs[29];
#else
  (void)interrupted;
  return 0;
#endif
  set_bounds(&walk, cfiber_running);
  if (cfiber_own_thread()->guard == NULL) unwind_guarded(&walk);
  // Code without tables, or tables that lead nowhere.
  if (walk.count < 2 && cfiber_running && cfiber_running->slab) {
    walk.count = 0;
    follow_frame_pointers(&walk, walk.start, frame);
  }
  return walk.count;
}
