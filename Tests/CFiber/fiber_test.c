// The tests of CFiber. `run` beside this file builds them with several compilers, switches and sanitizers.

#include "check.h"

#include <stdlib.h>

bool check_failed;
static int passed, failed;

void check_run(const char *name, void (*test)(void)) {
  check_failed = false;
  test();
  if (check_failed) {
    printf("failed: %s\n", name);
    failed++;
  } else {
    passed++;
  }
  fflush(stdout);  // before the next test forks
}

bool emulated(void) { return getenv("GREEN_TEST_EMULATED") != NULL; }

cfiber_fiber *start(cfiber_pool *pool, cfiber_entry entry, void *argument) {
  cfiber_fiber *fiber = cfiber_create(pool, entry, argument);
  if (fiber) cfiber_switch(fiber);
  return fiber;
}

void finish(void) { cfiber_finish(cfiber_thread_root()); }

int main(void) {
  before_attach_tests();
  cfiber_thread_attach();
  switch_tests();
  state_tests();
  stack_tests();
  limit_tests();
  overflow_tests();
  backtrace_tests();
  big_stack_tests();
  isolation_tests();
  block_end_tests();
  words_tests();
  chain_tests();
  printf("switch by %s: %d passed, %d failed\n", cfiber_switch_name(), passed, failed);
  return failed == 0 ? 0 : 1;
}
