// vfork(2): its child runs in the parent's memory, on the parent's thread, until it calls exec or _exit. A call that it
// makes must not park, which would run other fibers in the wrong process. The function itself is in vfork.S: in C the
// child would overwrite the frame that the parent returns from.

#include "redirect.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER
#endif
#endif

#if !defined(HAS_SANITIZER) && (defined(__x86_64__) || defined(__aarch64__))

unsigned *credirect_vfork_begins(void);
int credirect_vfork_failed(int error);
int credirect_vfork_child(void);

// Makes the calls of the running fiber pass straight through, and says what to count down again in the parent.
unsigned *credirect_vfork_begins(void) {
  static _Thread_local unsigned outside_fibers;
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  unsigned *bypass = table != NULL ? table->bypass() : NULL;
  if (bypass == NULL) bypass = &outside_fibers;
  *bypass += 1;
  return bypass;
}

int credirect_vfork_failed(int error) { return fail(error); }

// What vfork returns in the child.
int credirect_vfork_child(void) {
  credirect_unblock_in_child();
  return 0;
}

#endif
