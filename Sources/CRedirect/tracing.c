// ptrace(2): a process that traces others waits for their stops too, which a pidfd does not tell (children.c).

#include "redirect.h"

#include <stdarg.h>
#include <sys/ptrace.h>

REAL(ptrace)

static _Atomic bool is_tracing;

bool credirect_is_tracing(void) { return atomic_load_explicit(&is_tracing, memory_order_relaxed); }

// As glibc has it, whatever the request needs.
REDIRECTED long ptrace(enum __ptrace_request request, ...) {
  va_list list;
  va_start(list, request);
  pid_t pid = va_arg(list, pid_t);
  void *address = va_arg(list, void *);
  void *data = va_arg(list, void *);
  va_end(list);
  if (request != PTRACE_TRACEME) atomic_store_explicit(&is_tracing, true, memory_order_relaxed);
  return real_ptrace()(request, pid, address, data);
}
