// Whose calls are on a stack.

#include "check.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static cfiber_pool *pool;
static uintptr_t addresses[32];
static size_t count;

// Whether one of the addresses lies in the function, of which only the beginning is known.
static bool calls(uintptr_t function) {
  for (size_t i = 0; i < count; i++) {
    if (addresses[i] > function && addresses[i] <= function + 200) return true;
  }
  return false;
}

#define NOT_INLINED __attribute__((noinline))

// By frame pointers alone what has none is not seen.
#ifndef GREEN_UCONTEXT
NOT_INLINED static void inner(void) {
  cfiber_switch(cfiber_thread_root());
  __asm__ volatile("");
}
NOT_INLINED static void middle(void) {
  inner();
  __asm__ volatile("");
}
NOT_INLINED static void outer(void *argument) {
  (void)argument;
  middle();
  finish();
}

static void a_parked_fiber_shows_its_callers(void) {
  cfiber_fiber *fiber = start(pool, outer, NULL);
  count = cfiber_backtrace(fiber, addresses, 32);
  CHECK(count >= 4 && count < 32);
  CHECK(calls((uintptr_t)inner) && calls((uintptr_t)middle) && calls((uintptr_t)outer));
  CHECK(cfiber_backtrace(fiber, addresses, 2) == 2);
  cfiber_switch(fiber);
  cfiber_recycle(pool, fiber);
}

static void a_fiber_that_has_not_begun_has_no_callers(void) {
  cfiber_fiber *fiber = cfiber_create(pool, outer, NULL);
  CHECK(cfiber_backtrace(fiber, addresses, 32) == 1);
  cfiber_recycle(pool, fiber);
}

#endif

NOT_INLINED static void look_at_oneself(void *argument) {
  (void)argument;
  count = cfiber_backtrace(cfiber_current(), addresses, 32);
  finish();
}

static void the_running_fiber_shows_its_own(void) {
  cfiber_recycle(pool, start(pool, look_at_oneself, NULL));
  CHECK(count >= 2 && count < 10);
  CHECK(calls((uintptr_t)look_at_oneself));
}

// ThreadSanitizer holds signals back until the next call of libc.
#if !THREAD_SANITIZED
static volatile sig_atomic_t seen;
static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info;
  count = cfiber_backtrace_interrupted(context, addresses, 32);
  seen = 1;
}

NOT_INLINED static void compute(void) {
  alarm(1);
  while (!seen) {}
}
NOT_INLINED static void compute_in_fiber(void *argument) {
  (void)argument;
  compute();
  finish();
}

static void a_signal_shows_what_it_interrupted(void) {
  struct sigaction action, previous;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(SIGALRM, &action, &previous);
  cfiber_recycle(pool, start(pool, compute_in_fiber, NULL));
  sigaction(SIGALRM, &previous, NULL);
  CHECK(count >= 3 && count < 32);
  CHECK(calls((uintptr_t)compute) && calls((uintptr_t)compute_in_fiber));
}

#endif

// A frame pointer and a stack pointer that lead nowhere.
static void a_context_that_makes_no_sense_does_no_harm(void) {
  char context[4096];
  memset(context, 0x5a, sizeof context);
  count = cfiber_backtrace_interrupted(context, addresses, 32);
  CHECK(count <= 32);
}

void backtrace_tests(void) {
  pool = cfiber_pool_create(64 * 1024);
#ifndef GREEN_UCONTEXT
  RUN(a_parked_fiber_shows_its_callers);
  RUN(a_fiber_that_has_not_begun_has_no_callers);
#endif
  RUN(the_running_fiber_shows_its_own);
#if !THREAD_SANITIZED
  RUN(a_signal_shows_what_it_interrupted);
#endif
  RUN(a_context_that_makes_no_sense_does_no_harm);
  cfiber_pool_destroy(pool);
}
