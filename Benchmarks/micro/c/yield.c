// Two fibers that yield in turn, through the least ready queue there can be.

#include "bench.h"
#include "scheduler.h"

static long count;

static void body(void *argument) {
  (void)argument;
  reap();
  for (long i = 0; i < count / 2; i++) yield();
  finish();
}

int main(int argument_count, char **arguments) {
  count = count_argument(argument_count, arguments);
  start_scheduler();
  spawn(body, NULL);
  spawn(body, NULL);
  int64_t start = nanoseconds();
  run();
  show("ns", (double)(nanoseconds() - start) / (double)count);
  return 0;
}
