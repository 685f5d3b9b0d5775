// A fiber spawned, run and joined, one after another; its result comes back through its argument.

#include "bench.h"
#include "scheduler.h"

static long count;

static void child(void *argument) {
  reap();
  long *number = argument;
  *number += 1;
  finish();
}

static void parent(void *argument) {
  (void)argument;
  long sum = 0;
  int64_t start = nanoseconds();
  for (long i = 0; i < count; i++) join(spawn(child, &sum));
  show("ns", (double)(nanoseconds() - start) / (double)count);
  if (sum != count) abort();
  finish();
}

int main(int argument_count, char **arguments) {
  count = count_argument(argument_count, arguments);
  start_scheduler();
  spawn(parent, NULL);
  run();
  return 0;
}
