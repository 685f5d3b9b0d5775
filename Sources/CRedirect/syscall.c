// syscall(2), for two kinds of calls: futex(2), with which libraries build locks of their own: libdispatch, libstdc++
// (std::atomic::wait, std::future), GLib, Abseil, Rust's standard library; and for those that fork, whose child must not
// take the parent's fibers for its own (fork.c). All others are the real call.

#define FAMILY GREEN_LOCKS
#include "futex.h"

#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>

REAL(syscall)

long credirect_real_syscall(long number, long a, long b, long c, long d, long e, long f) {
  return real_syscall()(number, a, b, c, d, e, f);
}

long credirect_real_futex(const struct futex_call *call) {
  return real_syscall()(SYS_futex, call->word, call->operation, call->value, call->time, call->word2, call->value3);
}

static long futex(const struct futex_call *call) {
  switch (call->operation & FUTEX_CMD_MASK) {
  case FUTEX_WAIT:
  case FUTEX_WAIT_BITSET: return credirect_futex_wait(fiber_table(), call);
  case FUTEX_WAKE:
  case FUTEX_WAKE_BITSET: return credirect_futex_wake(call);
  case FUTEX_REQUEUE:
  case FUTEX_CMP_REQUEUE:
  case FUTEX_WAKE_OP: return credirect_futex_move(call);
  case FUTEX_LOCK_PI:
  case FUTEX_TRYLOCK_PI:
  case FUTEX_UNLOCK_PI: return credirect_futex_lock(fiber_table(), call);
  default: return credirect_real_futex(call);
  }
}

// A thread asks for its number at its very end too, when a sanitizer has already forgotten it.
EARLY REDIRECTED long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long), d = va_arg(list, long);
  long e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  if (number != SYS_futex) {
    const struct system_call made = {number, {a, b, c, d, e, f}};
    if (credirect_is_fork(&made)) return credirect_fork(&made);
    return real_syscall()(number, a, b, c, d, e, f);
  }
  const struct futex_call call = {
    (_Atomic uint32_t *)a, (int)b, (uint32_t)c, (const struct timespec *)d, (const void *)e, (uint32_t)f,
    __builtin_return_address(0)};
  return futex(&call);
}
