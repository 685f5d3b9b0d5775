// A call on a big stack is the same fiber's, may park, and goes back to where it came from.

#include "check.h"

#include <pthread.h>
#include <string.h>

static int depth_reached;
static cfiber_fiber *seen_fiber;

__attribute__((noinline)) static int descend(int levels) {
  volatile char frame[1024];
  memset((char *)frame, levels & 0x7f, sizeof frame);
  depth_reached++;
  int below = levels > 0 ? descend(levels - 1) : 0;
  return frame[levels % 1024] + below;
}

static void go_deep(void *argument) {
  seen_fiber = cfiber_current();
  depth_reached = 0;
  descend(*(int *)argument);
}

static void deep_in_a_fiber(void *argument) {
  int levels = 3000;
  CHECK(cfiber_call_on_big_stack(0, go_deep, &levels) == 0);
  CHECK(depth_reached == 3001 && seen_fiber == cfiber_current());
  (void)argument;
  finish();
}

static void a_small_fiber_goes_deep(void) {
  cfiber_pool *pool = cfiber_pool_create(32 * 1024);
  cfiber_recycle(pool, start(pool, deep_in_a_fiber, NULL));
  cfiber_pool_destroy(pool);
}

static void *deep_on_a_thread(void *argument) {
  int levels = 3000;
  CHECK(cfiber_call_on_big_stack(0, go_deep, &levels) == 0 && depth_reached == 3001 && !seen_fiber);
  return argument;
}

static void a_thread_without_fibers_goes_deep(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 128 * 1024);
  pthread_t thread;
  CHECK(pthread_create(&thread, SANITIZED ? NULL : &attributes, deep_on_a_thread, NULL) == 0);
  pthread_join(thread, NULL);
}

// ---- Parking on it -----------------------------------------------------------------------------------------------

static cfiber_fiber *parked[3];
static int order[9], turns;

static void park_in_the_call(void *argument) {
  int number = *(int *)argument;
  volatile char mine[4096];
  memset((char *)mine, number, sizeof mine);
  order[turns++] = number;
  cfiber_switch(cfiber_thread_root());
  CHECK(mine[0] == number && mine[4095] == number && cfiber_current() == parked[number]);
  order[turns++] = number;
}

static void park_on_a_big_stack(void *argument) {
  CHECK(cfiber_call_on_big_stack(0, park_in_the_call, argument) == 0);
  order[turns++] = *(int *)argument;
  finish();
}

static void calls_that_park_overlap(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  int numbers[3] = {0, 1, 2};
  turns = 0;
  for (int i = 0; i < 3; i++) {
    parked[i] = cfiber_create(pool, park_on_a_big_stack, &numbers[i]);
    cfiber_switch(parked[i]);
  }
  for (int i = 0; i < 3; i++) cfiber_switch(parked[i]);
  int expected[9] = {0, 1, 2, 0, 0, 1, 1, 2, 2};
  CHECK(turns == 9 && memcmp(order, expected, sizeof order) == 0);
  for (int i = 0; i < 3; i++) cfiber_recycle(pool, parked[i]);
  cfiber_pool_destroy(pool);
}

static void nothing(void *argument) { ++*(int *)argument; }
static void nest(void *argument) { CHECK(cfiber_call_on_big_stack(0, nothing, argument) == 0); }

static void calls_nest_and_repeat(void) {
  int count = 0;
  for (int i = 0; i < 1000; i++) CHECK(cfiber_call_on_big_stack(0, nest, &count) == 0);
  CHECK(cfiber_call_on_big_stack(64 * 1024, nothing, &count) == 0);
  CHECK(count == 1001);
  CHECK(cfiber_call_on_big_stack((size_t)1 << 60, nothing, &count) != 0 && count == 1001);
}

// ---- Its bounds --------------------------------------------------------------------------------------------------

static void check_bounds(size_t bytes, size_t growth) {
  void *low;
  size_t size;
  // A sanitizer may have variables elsewhere.
  char *here = __builtin_frame_address(0);
  CHECK(cfiber_stack_bounds(&low, &size));
  CHECK(here > (char *)low && here < (char *)low + size && size >= bytes && size < bytes * growth + 65536);
}

static void look_at_bounds_again(void *argument) {
  (void)argument;
  check_bounds(256 * 1024, GREEN_BIG_STACK_GROWTH);
}
static void look_at_bounds(void *argument) {
  check_bounds(GREEN_BIG_STACK_BYTES, GREEN_BIG_STACK_GROWTH);
  if (argument) cfiber_switch(cfiber_thread_root());
  CHECK(cfiber_call_on_big_stack(256 * 1024, look_at_bounds_again, NULL) == 0);
  check_bounds(GREEN_BIG_STACK_BYTES, GREEN_BIG_STACK_GROWTH);
}

static void bounds_of_a_fiber(void *argument) {
  check_bounds(64 * 1024, 1);
  CHECK(cfiber_call_on_big_stack(0, look_at_bounds, argument) == 0);
  check_bounds(64 * 1024, 1);
  finish();
}

static void *bounds_of_a_thread(void *argument) {
  void *low;
  size_t size;
  CHECK(!cfiber_stack_bounds(&low, &size));
  CHECK(cfiber_call_on_big_stack(0, look_at_bounds, NULL) == 0);
  CHECK(!cfiber_stack_bounds(&low, &size));
  return argument;
}

static void the_bounds_are_told(void) {
  cfiber_pool *pool = cfiber_pool_create(64 * 1024);
  cfiber_fiber *fiber = start(pool, bounds_of_a_fiber, &turns);
  bounds_of_a_thread(NULL);  // the root, meanwhile
  cfiber_switch(fiber);
  cfiber_recycle(pool, fiber);
  cfiber_pool_destroy(pool);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, bounds_of_a_thread, NULL) == 0);
  pthread_join(thread, NULL);
}

void big_stack_tests(void) {
  RUN(a_small_fiber_goes_deep);
  RUN(a_thread_without_fibers_goes_deep);
  RUN(calls_that_park_overlap);
  RUN(calls_nest_and_repeat);
  RUN(the_bounds_are_told);
}
