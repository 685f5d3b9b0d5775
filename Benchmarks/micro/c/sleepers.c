// Many parked fibers: what CFiber's stacks alone keep resident, without a hub's timers and objects above them.

#include "bench.h"
#include "memory.h"
#include "scheduler.h"

static long asleep, woken;

static void sleeper(void *argument) {
  (void)argument;
  reap();
  asleep++;
  park();
  woken++;
  finish();
}

int main(int argument_count, char **arguments) {
  long count = count_argument(argument_count, arguments);
  start_scheduler();
  cfiber_fiber **fibers = malloc((size_t)count * sizeof *fibers);
  if (!fibers) fail("malloc");
  struct memory before = memory_now();
  int64_t start = nanoseconds();
  for (long i = 0; i < count; i++) {
    fibers[i] = spawn(sleeper, NULL);
    if (!fibers[i]) return fprintf(stderr, "%s\n", cfiber_pool_error(pool)), 1;
  }
  run();
  double created = (double)(nanoseconds() - start);
  if (asleep != count) abort();
  struct memory now = memory_now();
  show("resident_bytes", (double)(now.resident - before.resident) / (double)count);
  show("table_bytes", (double)(now.tables - before.tables) / (double)count);
  show("mappings", (double)(now.mappings - before.mappings));
  show("total_gb", (double)(now.resident + now.tables) / 1e9);
  show("create_s", created * 1e-9);
  start = nanoseconds();
  for (long i = 0; i < count; i++) ready(fibers[i]);
  run();
  show("wake_s", (double)(nanoseconds() - start) * 1e-9);
  show("woken", (double)woken);
  return 0;
}
