// Recycling, sizes, and memory that goes back to the system.

#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void nothing(void *argument) {
  (void)argument;
  finish();
}

// Bytes resident, read without malloc.
static long resident(void) {
  char text[64] = "";
  int descriptor = open("/proc/self/statm", O_RDONLY);
  ssize_t count = read(descriptor, text, sizeof text - 1);
  close(descriptor);
  long pages = 0;
  if (count > 0) sscanf(text, "%*d %ld", &pages);
  return pages * sysconf(_SC_PAGESIZE);
}

static void the_last_recycled_stack_is_used_first(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  cfiber_fiber *a = start(pool, nothing, NULL), *b = start(pool, nothing, NULL);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
  CHECK(start(pool, nothing, NULL) == b);
  CHECK(start(pool, nothing, NULL) == a);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
  cfiber_pool_destroy(pool);
}

// Writes to that many bytes of its stack, near enough.
__attribute__((noinline)) static void fill(void *argument) {
  size_t bytes = (size_t)(uintptr_t)argument;
  volatile unsigned char room[bytes];
  for (size_t i = 0; i < bytes; i++) room[i] = 1;
  (void)room[0];
}

static void fill_and_finish(void *argument) {
  fill(argument);
  finish();
}

static void a_census_tells_how_deep_stacks_went_by_place(void) {
  static const char here[] = "here", there[] = "there";
  cfiber_pool *pool = cfiber_pool_create(0);
  cfiber_fiber *before = start(pool, fill_and_finish, (void *)100000);
  cfiber_census *census = cfiber_census_create(pool);
  cfiber_census_add(census, before, here, 1);
  cfiber_recycle(pool, before);
  static cfiber_census_entry found[GREEN_CENSUS_MOST];
  CHECK(cfiber_census_read(census, found) == 0);
  // On the same stack, which the first has left full.
  size_t sizes[] = {50000, 1000, 9000, 1000};
  size_t deepest[4];
  for (int i = 0; i < 4; i++) {
    cfiber_fiber *fiber = start(pool, fill_and_finish, (void *)sizes[i]);
    CHECK(fiber == before);
    cfiber_census_add(census, fiber, here, (uint32_t)i);
    cfiber_census_add(census, fiber, there, 1);
    cfiber_recycle(pool, fiber);
  }
  CHECK(cfiber_census_read(census, found) == 5);
  for (int i = 0; i < 5; i++) {
    if (found[i].file != here) {
      // Looked at again, a stack is clean.
      CHECK(found[i].file == there && found[i].line == 1 && found[i].count == 4 && found[i].deepest == 0);
    } else {
      deepest[found[i].line] = found[i].deepest;
      CHECK(found[i].count == 1 && found[i].total == found[i].deepest);
    }
  }
#if !SANITIZED
  CHECK(deepest[0] >= 50000 && deepest[0] < 60000);
  CHECK(deepest[2] - deepest[1] == 8000);
#endif
  CHECK(deepest[1] == deepest[3]);
  // Beyond the places that are told apart.
  cfiber_fiber *fiber = start(pool, fill_and_finish, (void *)1000);
  for (uint32_t line = 0; line < 2000; line++) cfiber_census_add(census, fiber, there, line);
  CHECK(cfiber_census_read(census, found) == GREEN_CENSUS_MOST);
  CHECK(found[GREEN_CENSUS_MOST - 1].file == NULL && found[GREEN_CENSUS_MOST - 1].count == 2000 - (768 - 5) - 1);
  cfiber_recycle(pool, fiber);
  cfiber_census_destroy(census);
  cfiber_pool_destroy(pool);
}

static void recycling_twice_does_nothing(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  cfiber_fiber *fiber = start(pool, nothing, NULL);
  cfiber_recycle(pool, fiber);
  cfiber_recycle(pool, fiber);
  CHECK(cfiber_pool_inspect(pool).in_use == 0);
  CHECK(start(pool, nothing, NULL) != start(pool, nothing, NULL));
  cfiber_pool_destroy(pool);
}

static void a_fiber_that_never_started_can_be_recycled(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  cfiber_recycle(pool, cfiber_create(pool, nothing, NULL));
  CHECK(cfiber_pool_inspect(pool).in_use == 0);
  cfiber_pool_destroy(pool);
}

static void a_pool_counts_its_fibers(void) {
  cfiber_pool *pool = cfiber_pool_create(100 * 1000);
  cfiber_fiber *fibers[70];
  for (int i = 0; i < 70; i++) fibers[i] = start(pool, nothing, NULL);
  for (int i = 0; i < 70; i++) cfiber_recycle(pool, fibers[i]);
  cfiber_recycle(pool, start(pool, nothing, NULL));
  cfiber_pool_statistics statistics = cfiber_pool_inspect(pool);
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  CHECK(statistics.in_use == 0);
  CHECK(statistics.high_water == 70);
  CHECK(statistics.mapped == 70);
  CHECK(statistics.stack_size == (100 * 1000 + page - 1) / page * page);
  CHECK(fibers[0]->stack_size >= statistics.stack_size);
  cfiber_pool_destroy(pool);
}

static void use_all(void *argument) {
  // What is left of the promised size after the frames that are there already.
  size_t room = (size_t)((char *)__builtin_frame_address(0) - (char *)cfiber_current()->stack_low);
  CHECK(room >= (size_t)argument);
  volatile char *low = cfiber_current()->stack_low;
  low[0] = 1;
  finish();
}

static void the_whole_promised_size_is_usable(void) {
  if (SANITIZED) return;
  size_t sizes[] = {16 * 1024, 64 * 1024, 1024 * 1024};
  for (int i = 0; i < 3; i++) {
    cfiber_pool *pool = cfiber_pool_create(sizes[i]);
    cfiber_recycle(pool, start(pool, use_all, (void *)sizes[i]));
    cfiber_pool_destroy(pool);
  }
}

static void neighbours_have_different_colours(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  cfiber_fiber *a = cfiber_create(pool, nothing, NULL), *b = cfiber_create(pool, nothing, NULL);
  CHECK((uintptr_t)a % page != (uintptr_t)b % page);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
  cfiber_pool_destroy(pool);
}

// ---- Memory ------------------------------------------------------------------------------------------------------

enum { MANY = 300, TOUCHED = 100 * 1024 };

static void touch(void *argument) {
  (void)argument;
  memset(cfiber_current()->stack_low, 1, TOUCHED);
  finish();
}

static void touch_many(cfiber_pool *pool) {
  static cfiber_fiber *fibers[MANY];
  for (int i = 0; i < MANY; i++) fibers[i] = start(pool, touch, NULL);
  for (int i = 0; i < MANY; i++) cfiber_recycle(pool, fibers[i]);
}

static void trim_gives_memory_back(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  touch_many(pool);
  long before = resident();
  cfiber_pool_trim(pool, 0);
  long given = before - resident();
  if (!SANITIZED && !emulated()) CHECK(given >= (long)MANY * TOUCHED);

  cfiber_fiber *fiber = cfiber_create(pool, touch, NULL);
  CHECK(((char *)fiber->stack_low)[0] == 0);
  cfiber_switch(fiber);
  cfiber_recycle(pool, fiber);
  CHECK(cfiber_pool_inspect(pool).mapped == MANY);
  cfiber_pool_destroy(pool);
}

static void trim_keeps_the_stacks_used_last(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  touch_many(pool);
  cfiber_pool_trim(pool, 10);
  cfiber_fiber *fibers[11];
  for (int i = 0; i < 11; i++) fibers[i] = cfiber_create(pool, nothing, NULL);
  CHECK(((char *)fibers[9]->stack_low)[0] == 1);
  CHECK(((char *)fibers[10]->stack_low)[0] == 0);
  for (int i = 0; i < 11; i++) cfiber_recycle(pool, fibers[i]);
  cfiber_pool_destroy(pool);
}

static void memory_of_a_past_peak_goes_back_by_itself(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  touch_many(pool);
  long before = resident();
  for (int i = 0; i < 10000; i++) cfiber_recycle(pool, start(pool, nothing, NULL));
  long given = before - resident();
  if (!SANITIZED && !emulated()) CHECK(given >= (long)MANY / 2 * TOUCHED);
  cfiber_pool_destroy(pool);
}

static void memory_stays_while_peaks_recur(void) {
  cfiber_pool *pool = cfiber_pool_create(0);
  touch_many(pool);
  cfiber_fiber *fibers[MANY];
  for (int i = 0; i < 50; i++) {
    for (int j = 0; j < MANY; j++) fibers[j] = cfiber_create(pool, nothing, NULL);
    for (int j = 0; j < MANY; j++) CHECK(((char *)fibers[j]->stack_low)[0] == 1);
    for (int j = 0; j < MANY; j++) cfiber_recycle(pool, fibers[j]);
  }
  cfiber_pool_destroy(pool);
}

void stack_tests(void) {
  RUN(the_last_recycled_stack_is_used_first);
  RUN(recycling_twice_does_nothing);
  RUN(a_census_tells_how_deep_stacks_went_by_place);
  RUN(a_fiber_that_never_started_can_be_recycled);
  RUN(a_pool_counts_its_fibers);
  RUN(the_whole_promised_size_is_usable);
  RUN(neighbours_have_different_colours);
  RUN(trim_gives_memory_back);
  RUN(trim_keeps_the_stacks_used_last);
  RUN(memory_of_a_past_peak_goes_back_by_itself);
  RUN(memory_stays_while_peaks_recur);
}
