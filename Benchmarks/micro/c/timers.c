// Timers set and cancelled on libev itself, as many at once as asked for: each far in the future, at its own time.

#include "bench.h"

#include <ev.h>

static void fired(struct ev_loop *loop, ev_timer *timer, int events) {
  (void)loop, (void)timer, (void)events;
  fail("a timer fired");
}

int main(int argument_count, char **arguments) {
  long count = count_argument(argument_count, arguments);
  struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
  ev_timer *timers = calloc((size_t)count, sizeof *timers);
  if (!loop || !timers) fail("no memory");
  int64_t best = INT64_MAX;
  for (int round = 0; round < 3; round++) {  // the first touches the memory
    int64_t start = nanoseconds();
    for (long i = 0; i < count; i++) {
      // Spread over an hour in no order, as deadlines of different lengths are.
      ev_timer_init(&timers[i], fired, 60 + (double)(i * 7919 % 3600007) * 1e-3, 0);
      ev_timer_start(loop, &timers[i]);
    }
    for (long i = 0; i < count; i++) ev_timer_stop(loop, &timers[i]);
    int64_t taken = nanoseconds() - start;
    if (taken < best) best = taken;
  }
  show("ns", (double)best / (double)count);
  return 0;
}
