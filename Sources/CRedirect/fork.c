// Children that fork(3) does not tell of: those of _Fork(3), of clone(2), and of syscall(2) with SYS_fork and its kin.
//
// Such a child is only to make async-signal-safe calls until it calls exec or _exit, and read, poll and sleep are among
// them: they must not park, which would run the parent's fibers in it. So its calls are the real ones. vfork has a file of
// its own.

#include "redirect.h"

#include <CFork.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

// The counter that makes the calls of this fiber the real ones; NULL outside fibers.
static unsigned *bypass(void) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  return table != NULL ? table->bypass() : NULL;
}

static void begin_child(void) {
  unsigned *count = bypass();
  if (count != NULL) *count += 1;
  credirect_forget_signals();
  cfork_unseen();
}

// ---- _Fork --------------------------------------------------------------------------------------------------------

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)

REAL(_Fork)

// A fiber with a thread control block of its own goes on in the child; fork(2) is followed by CFiber.
REDIRECTED pid_t _Fork(void) {
  void *loaded = cfiber_enter_thread();
  pid_t child = real__Fork()();
  if (child == 0) cfiber_isolation_forked();
  cfiber_leave_thread(loaded);
  if (child == 0) begin_child();
  return child;
}

#endif

// ---- clone(2) -----------------------------------------------------------------------------------------------------

REAL(clone)

struct body {
  int (*function)(void *argument);
  void *argument;
};

// On the stack that the caller gave; what the argument points to was copied with the memory.
static int begin(void *context) {
  struct body body = *(struct body *)context;
  begin_child();
  return body.function(body.argument);
}

REDIRECTED int clone(int (*function)(void *), void *stack, int flags, void *argument, ...) {
  va_list list;
  va_start(list, argument);
  pid_t *parent = va_arg(list, pid_t *);
  void *words = va_arg(list, void *);
  pid_t *child = va_arg(list, pid_t *);
  va_end(list);
  struct body body = {function, argument};
  // Without a function or a stack it says so.
  if ((flags & CLONE_VM) == 0 && function != NULL) {
    return real_clone()(begin, stack, flags, &body, parent, words, child);
  }
  // As of vfork: the child runs in this memory, and this thread waits for it.
  unsigned *count = (flags & CLONE_VFORK) != 0 ? bypass() : NULL;
  if (count != NULL) *count += 1;
  int result = real_clone()(function, stack, flags, argument, parent, words, child);
  if (count != NULL) *count -= 1;
  return result;
}

ALIAS(clone, __clone)

// ---- syscall(2) ---------------------------------------------------------------------------------------------------

// Where the new process has its memory and its stack as copies. SYS_vfork is a fork then: in its own meaning the child of
// syscall(2) would overwrite where its parent is to return to.
EARLY static bool is_fork(long number, long first) {
  switch (number) {
#ifdef SYS_fork
  case SYS_fork: return true;
#endif
#ifdef SYS_vfork
  case SYS_vfork: return true;
#endif
  case SYS_clone: return (first & CLONE_VM) == 0;
#ifdef SYS_clone3
  case SYS_clone3: return first != 0 && (((const struct clone_args *)first)->flags & CLONE_VM) == 0;
#endif
  default: return false;
  }
}

EARLY bool credirect_is_fork(const struct system_call *call) {
  bool has_stack = call->number == SYS_clone && call->arguments[1] != 0;
  return is_fork(call->number, call->arguments[0]) && !has_stack;
}

long credirect_fork(const struct system_call *call) {
  long number = call->number;
#ifdef SYS_vfork
  if (number == SYS_vfork) number = SYS_fork;
#endif
  const long *a = call->arguments;
  void *loaded = cfiber_enter_thread();
  long child = credirect_real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (child == 0) cfiber_isolation_forked();
  cfiber_leave_thread(loaded);
  if (child == 0) begin_child();
  return child;
}
