// The same by glibc's swapcontext, which makes a system call to exchange the signal masks.

#include "bench.h"

#include <ucontext.h>

static ucontext_t root, fiber;

static void body(void) {
  for (;;) swapcontext(&fiber, &root);
}

int main(int argument_count, char **arguments) {
  long count = count_argument(argument_count, arguments);
  static char stack[64 * 1024];
  getcontext(&fiber);
  fiber.uc_stack.ss_sp = stack;
  fiber.uc_stack.ss_size = sizeof stack;
  makecontext(&fiber, body, 0);
  swapcontext(&root, &fiber);
  int64_t start = nanoseconds();
  for (long i = 0; i < count / 2; i++) swapcontext(&root, &fiber);
  show("ns", (double)(nanoseconds() - start) / (double)count);
  return 0;
}
