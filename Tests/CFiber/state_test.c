// What belongs to the fiber and what to the thread: errno, words, record, name, bypass; attach and detach.

#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static cfiber_pool *pool;
static void yield_to_root(void) { cfiber_switch(cfiber_thread_root()); }

// ---- errno -------------------------------------------------------------------------------------------------------

static void keep_errno(void *argument) {
  CHECK(errno == 0);
  errno = (int)(intptr_t)argument;
  yield_to_root();
  CHECK(errno == (int)(intptr_t)argument);
  finish();
}

static void errno_belongs_to_the_fiber(void) {
  errno = ERANGE;
  cfiber_fiber *a = start(pool, keep_errno, (void *)(intptr_t)EAGAIN);
  CHECK(errno == ERANGE);
  cfiber_fiber *b = start(pool, keep_errno, (void *)(intptr_t)EPIPE);
  cfiber_switch(a);
  cfiber_switch(b);
  CHECK(errno == ERANGE);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
}

// ---- Words -------------------------------------------------------------------------------------------------------

static _Thread_local uintptr_t words[GREEN_LOCAL_WORDS];

static void keep_words(void *argument) {
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) CHECK(words[i] == 0);
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) words[i] = (uintptr_t)argument + (uintptr_t)i;
  yield_to_root();
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) CHECK(words[i] == (uintptr_t)argument + (uintptr_t)i);
  finish();
}

static void check_own_words(void) {
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) words[i] = 7;
  cfiber_fiber *a = start(pool, keep_words, (void *)100), *b = start(pool, keep_words, (void *)200);
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) CHECK(words[i] == 7);
  cfiber_switch(a);
  cfiber_switch(b);
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) CHECK(words[i] == 7);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
}

static void words_belong_to_the_fiber_and_start_at_zero(void) {
  void *addresses[GREEN_LOCAL_WORDS];
  for (int i = 0; i < GREEN_LOCAL_WORDS; i++) addresses[i] = &words[i];
  cfiber_thread_locals(addresses, GREEN_LOCAL_WORDS);
  check_own_words();
  check_own_words();  // on recycled stacks
  cfiber_thread_locals(NULL, 0);
}

static _Thread_local uintptr_t held;
static int leaves, enters;

static void leave(char *state) {
  leaves++;
  memcpy(state, &held, sizeof held);
  held = 0;
}

static void enter(char *state) {
  enters++;
  memcpy(&held, state, sizeof held);
}

static void keep_held(void *argument) {
  CHECK(held == 0);
  held = (uintptr_t)argument;
  yield_to_root();
  CHECK(held == (uintptr_t)argument);
  finish();
}

static void hooks_are_called_around_each_switch(void) {
  cfiber_thread_local_hooks(leave, enter);
  held = 5;
  cfiber_fiber *a = start(pool, keep_held, (void *)6), *b = start(pool, keep_held, (void *)8);
  CHECK(held == 5);
  cfiber_switch(a);
  cfiber_switch(b);
  CHECK(held == 5);
  CHECK(leaves == 8);
  CHECK(enters == 6);  // two fibers had not left yet when they were entered
  cfiber_thread_local_hooks(NULL, NULL);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
}

// ---- A new fiber -------------------------------------------------------------------------------------------------

static void note_argument(void *argument) {
  CHECK(argument == cfiber_current()->argument);
  cfiber_set_name(cfiber_current(), "GET /", 5);
  cfiber_current()->bypass = 3;
  finish();
}

static void a_new_fiber_knows_nothing_of_the_one_before(void) {
  uint64_t last = 0;
  for (int i = 0; i < 3; i++) {
    cfiber_fiber *fiber = cfiber_create(pool, note_argument, &last);
    CHECK((uintptr_t)fiber->record % 16 == 0);
    CHECK(fiber->name[0] == 0 && fiber->bypass == 0 && fiber->saved_errno == 0);
    CHECK(fiber->id > last);
    last = fiber->id;
    cfiber_switch(fiber);
    cfiber_recycle(pool, fiber);
  }
}

static void a_long_name_is_cut(void) {
  cfiber_fiber *fiber = cfiber_create(pool, note_argument, NULL);
  char name[100];
  memset(name, 'x', sizeof name);
  cfiber_set_name(fiber, name, sizeof name);
  CHECK(strlen(fiber->name) == GREEN_FIBER_NAME_BYTES - 1);
  cfiber_recycle(pool, fiber);
}

static void look_at_bypass(void *argument) {
  (void)argument;
  CHECK(cfiber_in_fiber() == 1);
  cfiber_current()->bypass++;
  CHECK(cfiber_in_fiber() == 0);
  cfiber_current()->bypass--;
  CHECK(cfiber_in_fiber() == 1);
  finish();
}

static void only_a_fiber_without_bypass_is_in_a_fiber(void) {
  CHECK(cfiber_in_fiber() == 0);
  cfiber_recycle(pool, start(pool, look_at_bypass, NULL));
  CHECK(cfiber_in_fiber() == 0);
}

// ---- Threads -----------------------------------------------------------------------------------------------------

static void count_up(void *argument) {
  for (int i = 0; i < 10000; i++) {
    ++*(int *)argument;
    yield_to_root();
  }
  finish();
}

static void *run_thread(void *argument) {
  CHECK(cfiber_current() == NULL);
  CHECK(cfiber_in_fiber() == 0);
  cfiber_fiber *root = cfiber_thread_attach();
  CHECK(root && root == cfiber_thread_attach() && root == cfiber_current());
  cfiber_pool *own = cfiber_pool_create(64 * 1024);
  int count = 0;
  cfiber_fiber *a = start(own, count_up, &count), *b = start(own, count_up, &count);
  for (int i = 0; i < 10000; i++) {
    cfiber_switch(a);
    cfiber_switch(b);
  }
  *(int *)argument = count;
  cfiber_recycle(own, a);
  cfiber_recycle(own, b);
  cfiber_pool_destroy(own);
  cfiber_thread_detach();
  CHECK(cfiber_current() == NULL && cfiber_thread_root() == NULL);
  cfiber_thread_detach();
  return NULL;
}

static void threads_run_fibers_of_their_own(void) {
  pthread_t threads[2];
  int counts[2] = {0, 0};
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, run_thread, &counts[i]);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK(counts[0] == 20000 && counts[1] == 20000);
}

static void detach_from_a_fiber(void *argument) {
  (void)argument;
  cfiber_thread_detach();
  CHECK(cfiber_thread_root() != NULL);
  finish();
}

static void a_thread_detaches_from_its_root_only(void) {
  cfiber_recycle(pool, start(pool, detach_from_a_fiber, NULL));
  cfiber_thread_detach();
  CHECK(cfiber_current() == NULL);
  CHECK(cfiber_thread_attach() != NULL);
}

void state_tests(void) {
  pool = cfiber_pool_create(0);
  RUN(errno_belongs_to_the_fiber);
  RUN(words_belong_to_the_fiber_and_start_at_zero);
  RUN(hooks_are_called_around_each_switch);
  RUN(a_new_fiber_knows_nothing_of_the_one_before);
  RUN(a_long_name_is_cut);
  RUN(only_a_fiber_without_bypass_is_in_a_fiber);
  RUN(threads_run_fibers_of_their_own);
  RUN(a_thread_detaches_from_its_root_only);
  cfiber_pool_destroy(pool);
}
