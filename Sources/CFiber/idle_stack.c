// The memory of a stack whose fiber has called deeply before, and now waits for long.

#include "internal.h"

#include <sys/mman.h>
#include <unistd.h>

// What the calls below the caller's frame may still use: their return addresses must not be given back.
#define KEPT_BYTES 512

void cfiber_stack_give_back(void) {
  const cfiber_fiber *fiber = cfiber_current();
  if (fiber == NULL || fiber->slab == NULL) return;
  uintptr_t low = (uintptr_t)fiber->stack_low, here = (uintptr_t)__builtin_frame_address(0);
  // A sanitizer's frames may lie elsewhere.
  if (here < low || here - low > fiber->stack_size) return;
  const struct cfiber_slab *slab = fiber->slab;
  uintptr_t high = (here - KEPT_BYTES) & ~(uintptr_t)(slab->geometry.page - 1);
  if (high > low && here - low > KEPT_BYTES) madvise((void *)low, high - low, MADV_DONTNEED);
}
