// What green.h promises of green_on_big_stack, in fibers of both kinds and on plain threads. Linked as a user's program is.

#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <green.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MEGABYTE ((size_t)1 << 20)

static int failures;

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
      failures++;                                                            \
    }                                                                        \
  } while (0)

// ---- Deep calls ---------------------------------------------------------------------------------------------------

static int frames_at_bottom;

// Takes a kilobyte a level.
__attribute__((noinline)) static uintptr_t descend(uintptr_t levels) {
  volatile char frame[1024];
  memset((char *)frame, (int)(levels & 0x7f), sizeof frame);
  if (levels == 0) {
    void *addresses[64];
    frames_at_bottom = backtrace(addresses, 64);
    return 0;
  }
  return 1 + descend(levels - 1) + (frame[0] != (char)(levels & 0x7f));
}

static void *deep(void *levels) { return (void *)descend((uintptr_t)levels); }

static void *go_deep(void *context) {
  void *result = NULL;
  CHECK(green_on_big_stack(0, deep, (void *)5000, &result) == 0 && result == (void *)5000);
  CHECK(frames_at_bottom == 64);
  CHECK(green_on_big_stack(32 * MEGABYTE, deep, (void *)20000, &result) == 0 && result == (void *)20000);
  // A backtrace ends at the stack's end.
  CHECK(green_on_big_stack(0, deep, (void *)3, NULL) == 0 && frames_at_bottom > 4 && frames_at_bottom < 32);
  return context;
}

static void *note(void *called) {
  *(bool *)called = true;
  return NULL;
}

static void *refused(void *context) {
  bool is_called = false;
  CHECK(green_on_big_stack(0, note, &is_called, NULL) == 0 && is_called);
  CHECK(green_on_big_stack(100, deep, NULL, NULL) == EINVAL);
  CHECK(green_on_big_stack((size_t)1 << 60, deep, NULL, NULL) == ENOMEM);
  return context;
}

// ---- The same fiber -----------------------------------------------------------------------------------------------

static _Thread_local uintptr_t mine;

static size_t bytes_of_stack(void) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  return (char *)&low > (char *)low && (char *)&low < (char *)low + size ? size : 0;
}

struct caller {
  uint64_t id;
  uintptr_t number;
  bool is_isolated;
};

static void *wait_there(void *context) {
  const struct caller *caller = context;
  CHECK(green_id() == caller->id);
  if (caller->is_isolated) CHECK(mine == caller->number && bytes_of_stack() > 7 * MEGABYTE);
  CHECK(green_sleep(2 * GREEN_MILLISECOND) == 0);
  if (caller->is_isolated) CHECK(mine == caller->number && bytes_of_stack() > 7 * MEGABYTE);
  return (void *)caller->number;
}

static void *call_once(uintptr_t number, bool is_isolated) {
  struct caller caller = {green_id(), number, is_isolated};
  void *result = NULL;
  if (is_isolated) mine = number;
  size_t before = is_isolated ? bytes_of_stack() : 0;
  CHECK(green_on_big_stack(0, wait_there, &caller, &result) == 0 && result == (void *)number);
  if (is_isolated) CHECK(before > 0 && bytes_of_stack() == before);
  return go_deep(NULL);
}

static void *in_a_fiber(void *number) { return call_once((uintptr_t)number, false); }
static void *in_a_thread_of_its_own(void *number) { return call_once((uintptr_t)number, true); }

// More at once than stacks are kept.
#define MANY 20
static void *side_by_side(void *context) {
  green_handle *fibers[MANY];
  bool can_isolate = green_can_isolate(NULL);
  for (uintptr_t i = 0; i < MANY; i++) {
    fibers[i] = i % 2 == 0 || !can_isolate ? green_spawn(in_a_fiber, (void *)i, "fiber")
                                           : green_spawn_isolated(in_a_thread_of_its_own, (void *)i, "thread");
  }
  for (int i = 0; i < MANY; i++) CHECK(green_join(fibers[i], NULL, GREEN_NEVER) == 0);
  return context;
}

static void *in_a_hub(void *context) {
  refused(context);
  go_deep(context);
  return side_by_side(context);
}

static void *on_a_thread(void *context) {
  refused(context);
  return go_deep(context);
}

int main(void) {
  for (int round = 0; round < 3; round++) CHECK(green_run(in_a_hub, NULL, NULL) == 0);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, on_a_thread, NULL) == 0);
  pthread_join(thread, NULL);
  if (failures == 0) puts("every promise of green_on_big_stack kept");
  return failures != 0;
}
