// A stack overflow names the fiber; other faults are left alone; both end in the handler that was there before.

#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char output[4096];
static int status;

// Runs `body` in a child and keeps what it wrote to stderr and how it ended.
static void in_child(void (*body)(size_t), size_t size) {
  int ends[2];
  if (pipe(ends) != 0) abort();
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    body(size);
    _exit(0);
  }
  close(ends[1]);
  size_t count = 0;
  ssize_t got;
  while (count < sizeof output - 1 && (got = read(ends[0], output + count, sizeof output - 1 - count)) > 0) {
    count += (size_t)got;
  }
  output[count] = 0;
  close(ends[0]);
  waitpid(child, &status, 0);
}

// A sanitizer that reports the fault itself exits instead.
static bool died_of(int signal) {
  if (SANITIZED && WIFEXITED(status) && WEXITSTATUS(status) != 0) return true;
  return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

__attribute__((noinline)) static int recurse(volatile int *depth) {
  volatile char frame[512];
  frame[0] = (char)*depth;
  ++*depth;
  int below = recurse(depth);
  return frame[0] + below;
}

static void recurse_for_ever(void *argument) {
  (void)argument;
  volatile int depth = 0;
  cfiber_finish(recurse(&depth) ? cfiber_thread_root() : NULL);
}

static void overflow(size_t size) {
  cfiber_thread_attach();
  cfiber_pool *pool = cfiber_pool_create(size);
  cfiber_fiber *fiber = cfiber_create(pool, recurse_for_ever, NULL);
  cfiber_set_name(fiber, "GET /deep\n", 10);
  cfiber_switch(fiber);
}

static void check_report(size_t size) {
  char expected[128];
  snprintf(expected, sizeof expected,
           "\"GET /deep?\" overflowed its stack of %zu KB; raise it with GREEN_STACK_SIZE (bytes) or Hub(stackSize:)\n",
           size / 1024);
  CHECK(strstr(output, "greenfinch: fiber ") != NULL);
  CHECK(strstr(output, expected) != NULL);
  CHECK(died_of(SIGSEGV));
}

static void an_overflow_dies_of_the_default_action(void) {
  in_child(overflow, 64 * 1024);
  check_report(64 * 1024);
}

static void overflow_into_a_full_pipe(size_t size) {
  int ends[2];
  static const char filling[1];
  if (pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) abort();
  while (write(ends[1], filling, sizeof filling) > 0) {}
  fcntl(ends[1], F_SETFL, 0);
  dup2(ends[1], STDERR_FILENO);
  alarm(20);
  overflow(size);
}

static void a_full_standard_error_does_not_hold_up_the_end(void) {
  in_child(overflow_into_a_full_pipe, 64 * 1024);
  CHECK(died_of(SIGSEGV));
}

static void an_overflow_is_named_and_handed_on(void) {
  size_t sizes[] = {16 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024, 8 * 1024 * 1024};
  for (int i = 0; i < 5; i++) {
    in_child(overflow, sizes[i]);
    check_report(sizes[i]);
    CHECK(strstr(output, "handed on\n") != NULL);
  }
}

static void *overflow_thread(void *size) {
  overflow((size_t)size);
  return NULL;
}

static void overflow_on_a_thread(size_t size) {
  pthread_t thread;
  pthread_create(&thread, NULL, overflow_thread, (void *)size);
  pthread_join(thread, NULL);
}

static void an_overflow_on_another_thread_is_named(void) {
  in_child(overflow_on_a_thread, 64 * 1024);
  check_report(64 * 1024);
}

static void overflow_on_a_recycled_stack(size_t size) {
  cfiber_pool *pool = cfiber_pool_create(size);
  for (int i = 0; i < 100; i++) {
    cfiber_fiber *fiber = cfiber_create(pool, recurse_for_ever, NULL);
    cfiber_recycle(pool, fiber);
  }
  cfiber_pool_trim(pool, 0);
  cfiber_fiber *fiber = cfiber_create(pool, recurse_for_ever, NULL);
  cfiber_set_name(fiber, "GET /deep\n", 10);
  cfiber_switch(fiber);
}

static void the_guard_outlives_trimming(void) {
  in_child(overflow_on_a_recycled_stack, 64 * 1024);
  check_report(64 * 1024);
}

// 300 KB in one step, as a function of C whose local array begins far below its caller's frame.
static void write_far_below(void *argument) {
  (void)argument;
  // Not a local variable's address: AddressSanitizer may keep that one elsewhere.
  *(volatile char *)((uintptr_t)__builtin_frame_address(0) - 300 * 1024) = 1;
  finish();
}

static void step_over(size_t size) {
  cfiber_thread_attach();
  cfiber_pool *pool = cfiber_pool_create(size);
  cfiber_create(pool, recurse_for_ever, NULL);  // the neighbour below
  cfiber_fiber *fiber = cfiber_create(pool, write_far_below, NULL);
  cfiber_set_name(fiber, "GET /deep\n", 10);
  cfiber_switch(fiber);
}

static void a_large_frame_does_not_step_over_the_guard(void) {
  in_child(step_over, 256 * 1024);
  check_report(256 * 1024);
}

static void recurse_on_a_big_stack(void *argument) { cfiber_call_on_big_stack(0, recurse_for_ever, argument); }

static void overflow_a_big_stack(size_t size) { start(cfiber_pool_create(size), recurse_on_a_big_stack, NULL); }

static void an_overflow_of_a_big_stack_is_named(void) {
  char report[128];
  snprintf(report, sizeof report, "overflowed its big stack of %d KB; ask for more with Fiber.onBigStack(bytes:)",
           GREEN_BIG_STACK_GROWTH * GREEN_BIG_STACK_BYTES / 1024);
  in_child(overflow_a_big_stack, 0);
  CHECK(strstr(output, report) != NULL);
  CHECK(died_of(SIGSEGV));
}

static void dereference_null(void *argument) {
  (void)argument;
  volatile int *volatile null = NULL;
  *null = 1;
}

static void fault_in_a_fiber(size_t size) { start(cfiber_pool_create(size), dereference_null, NULL); }

static void another_fault_is_no_overflow(void) {
  in_child(fault_in_a_fiber, 0);
  CHECK(strstr(output, "overflowed") == NULL);
  CHECK(strstr(output, "handed on\n") != NULL);
  CHECK(died_of(SIGSEGV));
}

static void write_below(void *argument) {
  *((volatile char *)argument - 1) = 1;
  finish();
}

static void touch_the_guard_of_another(size_t size) {
  cfiber_pool *pool = cfiber_pool_create(size);
  cfiber_fiber *other = cfiber_create(pool, dereference_null, NULL);
  start(pool, write_below, other->stack_low);
}

static void a_stray_pointer_is_no_overflow(void) {
  in_child(touch_the_guard_of_another, 0);
  CHECK(strstr(output, "overflowed") == NULL);
  CHECK(died_of(SIGSEGV));
}

static void send_bus_error(size_t size) {
  (void)size;
  raise(SIGBUS);
}

static void a_sent_signal_has_its_default_effect(void) {
  in_child(send_bus_error, 0);
  CHECK(died_of(SIGBUS));
}

// SA_SIGINFO says how a function is called, and these are none.
static void send_bus_error_to(void (*disposition)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = disposition;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, NULL);
  cfiber_thread_attach();
  raise(SIGBUS);
}

static void send_an_ignored_bus_error(size_t size) {
  (void)size;
  send_bus_error_to(SIG_IGN);
}

static void send_a_bus_error_by_default(size_t size) {
  (void)size;
  send_bus_error_to(SIG_DFL);
}

static void the_flag_of_full_handlers_makes_no_function_of_a_disposition(void) {
  in_child(send_an_ignored_bus_error, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  in_child(send_a_bus_error_by_default, 0);
  CHECK(died_of(SIGBUS));
}

// ---- The handler that was there before ---------------------------------------------------------------------------

static void previous(int signal, siginfo_t *info, void *context) {
  (void)info;
  (void)context;
  if (write(STDERR_FILENO, "handed on\n", 10) != 10) abort();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, NULL);
}

// Before this process has a report of its own.
void before_attach_tests(void) {
  RUN(an_overflow_dies_of_the_default_action);
  // A sanitizer's own report waits, and so does the emulator's.
  if (!SANITIZED && !emulated()) RUN(a_full_standard_error_does_not_hold_up_the_end);
  // Nor does it take a disposition for these.
  if (!SANITIZED) RUN(the_flag_of_full_handlers_makes_no_function_of_a_disposition);
  // Here because ThreadSanitizer allows no threads in the child of a process that had some.
  RUN(an_overflow_on_another_thread_is_named);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = previous;
  sigaction(SIGSEGV, &action, NULL);
}

void overflow_tests(void) {
  RUN(an_overflow_is_named_and_handed_on);
  RUN(the_guard_outlives_trimming);
  RUN(a_large_frame_does_not_step_over_the_guard);
  RUN(an_overflow_of_a_big_stack_is_named);
  RUN(another_fault_is_no_overflow);
  RUN(a_stray_pointer_is_no_overflow);
  RUN(a_sent_signal_has_its_default_effect);
}
