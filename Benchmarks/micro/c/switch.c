// The exchange of stacks itself, from C to C: one fiber and the root switch to each other.

#include "bench.h"
#include "CFiber.h"

static cfiber_fiber *root, *fiber;

static void bare(void *argument) {
  (void)argument;
  for (;;) cfiber_switch_bare(fiber, root);
}

int main(int argument_count, char **arguments) {
  long count = count_argument(argument_count, arguments);
  root = cfiber_thread_attach();
  fiber = cfiber_create(cfiber_pool_create(0), bare, NULL);
  cfiber_switch_bare(root, fiber);  // the first lands on the fiber's first frame
  int64_t start = nanoseconds();
  for (long i = 0; i < count / 2; i++) cfiber_switch_bare(root, fiber);
  show("ns", (double)(nanoseconds() - start) / (double)count);
  return 0;
}
