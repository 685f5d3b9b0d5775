// The first frame of a fiber, as the assembly expects to find it.

#include "internal.h"

#ifndef GREEN_UCONTEXT

#include <string.h>

const size_t cfiber_context_bytes = 0;

void cfiber_start(void) GREEN_HIDDEN;

// What cfiber_switch_bare takes from the stack, lowest address first.
#if defined(__x86_64__)
struct frame {
  uintptr_t r15, r14, r13, r12, rbx, frame_pointer, return_address;
  uintptr_t end[2];  // a return address of zero for cfiber_start, and room that keeps the stack aligned
};
_Static_assert(sizeof(struct frame) == 72, "cfiber_switch_bare pops seven words");
#define FRAME_FIBER rbx
#else
struct frame {
  uintptr_t frame_pointer, return_address;  // x29, x30
  uintptr_t x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
  double d8, d9, d10, d11, d12, d13, d14, d15;
};
_Static_assert(sizeof(struct frame) == 160, "cfiber_switch_bare loads twenty words");
#define FRAME_FIBER x19
#endif

void cfiber_context_prepare(cfiber_fiber *fiber, void *context, void *top) {
  (void)context;
  struct frame *frame = (struct frame *)((uintptr_t)top & ~(uintptr_t)15) - 1;
  memset(frame, 0, sizeof *frame);  // the frame pointer too: a walk along frame pointers ends here
  frame->FRAME_FIBER = (uintptr_t)fiber;
  frame->return_address = (uintptr_t)cfiber_start;
  fiber->stack_pointer = frame;
}

void cfiber_context_adopt(cfiber_fiber *root, void *context) {
  (void)context;
  root->stack_pointer = NULL;  // written when the root is first left
}

bool cfiber_context_place(const cfiber_fiber *fiber, uintptr_t *address, uintptr_t *frame_pointer) {
  const struct frame *frame = fiber->stack_pointer;
  if (!frame) return false;
  *address = frame->return_address;
  *frame_pointer = frame->frame_pointer;
  return true;
}

const char *cfiber_switch_name(void) { return "assembly"; }

#endif
