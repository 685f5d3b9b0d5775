// What AddressSanitizer, LeakSanitizer, ThreadSanitizer and Valgrind must be told of stacks that are not the thread's.
// The sanitizers' functions are weak: one build works with each of them and with none.

#include "internal.h"

#include <CFork.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

#define WEAK __attribute__((weak))

extern void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom, size_t size) WEAK;
extern void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom, size_t *size) WEAK;
extern void __asan_unpoison_memory_region(void const volatile *address, size_t size) WEAK;
extern void __lsan_register_root_region(const void *address, size_t size) WEAK;
extern void __lsan_unregister_root_region(const void *address, size_t size) WEAK;
extern void *__tsan_get_current_fiber(void) WEAK;
extern void *__tsan_create_fiber(unsigned flags) WEAK;
extern void __tsan_destroy_fiber(void *fiber) WEAK;

extern void AnnotateIgnoreReadsBegin(const char *file, int line) WEAK;
extern void AnnotateIgnoreWritesBegin(const char *file, int line) WEAK;

// In the child of a process of several threads, and fibers are threads to it, ThreadSanitizer gives up, but only for the
// fiber that forked: the others would be told of races with it. So they give up too.
static bool in_forked_child;
static void note_fork(void) { in_forked_child = true; }
__attribute__((constructor)) static void set_fork_handler(void) {
  if (__tsan_create_fiber) cfork_set(CFORK_SANITIZER, (cfork_handlers){.in_child = note_fork});
}

static void ignore_in_forked_child(cfiber_fiber *fiber) {
  if (!in_forked_child || fiber->sanitizer_ignores || !AnnotateIgnoreReadsBegin || !AnnotateIgnoreWritesBegin) return;
  fiber->sanitizer_ignores = true;
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}

bool cfiber_notes_wanted(void) { return __sanitizer_start_switch_fiber || __tsan_switch_to_fiber; }

// Just before the stacks are exchanged.
void cfiber_note_leave(cfiber_fiber *from, cfiber_fiber *to, bool last) {
  if (!__sanitizer_start_switch_fiber) return;
  // No place to keep the fake stack means that it may be freed.
  __sanitizer_start_switch_fiber(last ? NULL : &from->sanitizer_stack, to->stack_low, to->stack_size);
}

// Just after.
void cfiber_note_arrive(cfiber_fiber *from, cfiber_fiber *to) {
  ignore_in_forked_child(to);
  if (!__sanitizer_finish_switch_fiber) return;
  const void *bottom = NULL;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(to->sanitizer_stack, &bottom, &size);
  to->sanitizer_stack = NULL;
  // The bounds of a root are known to the sanitizer only, and are needed to go back there.
  if (from && !from->slab) {
    from->stack_low = (void *)(uintptr_t)bottom;
    from->stack_size = size;
  }
}

void cfiber_note_root(cfiber_fiber *root) {
  if (__tsan_get_current_fiber) root->sanitizer_fiber = __tsan_get_current_fiber();
}

void cfiber_note_create(cfiber_fiber *fiber) {
  if (__tsan_create_fiber) fiber->sanitizer_fiber = __tsan_create_fiber(0);
}

// What frames have left poisoned of a stack that nobody runs on: nothing below where it was left, since calls that return
// clean up after themselves. To say so of a whole stack would take an eighth of it in memory.
static void unpoison_left_frames(cfiber_fiber *fiber) {
  char *low = fiber->stack_low, *high = low + fiber->stack_size, *left = fiber->stack_pointer;
  // A context of swapcontext(3) does not lie there.
  if (cfiber_context_bytes == 0 && left > low && left < high) low = left;
  __asan_unpoison_memory_region(low, (size_t)(high - low));
}

void cfiber_note_recycle(cfiber_fiber *fiber) {
  if (__tsan_destroy_fiber && fiber->sanitizer_fiber) __tsan_destroy_fiber(fiber->sanitizer_fiber);
  fiber->sanitizer_fiber = NULL;
  // The frames that were left by the last switch never cleaned up after themselves.
  if (__asan_unpoison_memory_region) unpoison_left_frames(fiber);
}

void cfiber_note_open_stack(cfiber_fiber *fiber) {
  if (__asan_unpoison_memory_region) __asan_unpoison_memory_region(fiber->stack_low, fiber->stack_size);
#ifdef VALGRIND_MAKE_MEM_DEFINED
  VALGRIND_MAKE_MEM_DEFINED(fiber->stack_low, fiber->stack_size);
#endif
}

unsigned cfiber_note_map_stack(void *low, void *high) {
  // What a parked fiber holds is not leaked.
  if (__lsan_register_root_region) __lsan_register_root_region(low, (size_t)((char *)high - (char *)low));
#ifdef VALGRIND_STACK_REGISTER
  return VALGRIND_STACK_REGISTER(low, high);
#else
  return 0;
#endif
}

void cfiber_note_unmap_stack(void *low, void *high, unsigned valgrind_stack) {
  if (__lsan_unregister_root_region) __lsan_unregister_root_region(low, (size_t)((char *)high - (char *)low));
#ifdef VALGRIND_STACK_REGISTER
  VALGRIND_STACK_DEREGISTER(valgrind_stack);
#else
  (void)valgrind_stack;
#endif
}
