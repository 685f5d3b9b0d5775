// Words that were registered for all threads: they belong to the fiber, and C++'s are found.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "check.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static green_pool *pool;

#define COUNT 3
static _Thread_local uintptr_t own[COUNT];
static void *find_own(void) { return own; }
static _Thread_local uintptr_t late;
static void *find_late(void) { return &late; }

static void set_all(uintptr_t value) {
  for (int i = 0; i < COUNT; i++) own[i] = value;
}
static bool are_all(uintptr_t value) {
  for (int i = 0; i < COUNT; i++) {
    if (own[i] != value) return false;
  }
  return true;
}

static void yield_to_root(void) { green_switch(green_thread_root()); }

static void keep(void *argument) {
  CHECK(are_all(0));
  yield_to_root();  // with nothing set
  CHECK(are_all(0));
  set_all((uintptr_t)argument);
  yield_to_root();
  CHECK(are_all((uintptr_t)argument));
  set_all(0);
  yield_to_root();  // with nothing set any more
  CHECK(are_all(0));
  set_all((uintptr_t)argument);  // left behind
  green_finish(green_thread_root());
}

static void check_apart(uintptr_t in_root) {
  set_all(in_root);
  green_fiber *fibers[4];
  for (uintptr_t i = 0; i < 4; i++) fibers[i] = green_fiber_create(pool, keep, (void *)(i % 2 ? 0 : 10 + i));
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 4; i++) {
      green_switch(fibers[i]);
      CHECK(are_all(in_root));
    }
  }
  for (int i = 0; i < 4; i++) green_fiber_recycle(pool, fibers[i]);
  set_all(0);
}

static void registered_words_belong_to_the_fiber(void) {
  CHECK(green_register_words(find_own, COUNT) == 0);
  CHECK(green_register_words(find_own, COUNT) == 0);
  check_apart(0);
  check_apart(5);
  check_apart(0);
}

static void *nowhere(void) { return NULL; }
static void *askew(void) { return (char *)own + 1; }

static void what_cannot_be_registered_is_refused(void) {
  CHECK(green_register_words(NULL, 1) == EINVAL);
  CHECK(green_register_words(find_late, 0) == EINVAL);
  CHECK(green_register_words(nowhere, 1) == EINVAL);
  CHECK(green_register_words(askew, 1) == EINVAL);
  CHECK(green_register_words(find_late, GREEN_KEPT_WORDS) == ENOSPC);
  CHECK(green_register_words(find_late, SIZE_MAX) == ENOSPC);
  void *addresses[GREEN_LOCAL_WORDS + 1] = {own};
  CHECK(green_thread_locals(addresses, GREEN_LOCAL_WORDS + 1) == ENOSPC);
}

// Another fiber is parked with words set, which know nothing of the new one.
static void register_late(void *argument) {
  (void)argument;
  late = 3;
  CHECK(green_register_words(find_late, 1) == 0);
  yield_to_root();
  CHECK(late == 3);
  green_finish(green_thread_root());
}

static void look_late(void *argument) {
  (void)argument;
  set_all(1);
  yield_to_root();
  CHECK(late == 0 && are_all(1));
  green_finish(green_thread_root());
}

static void a_fiber_keeps_the_value_of_a_word_that_it_registers(void) {
  green_fiber *before = green_fiber_create(pool, look_late, NULL);
  green_switch(before);
  green_fiber *fiber = green_fiber_create(pool, register_late, NULL);
  green_switch(fiber);
  CHECK(late == 0 && are_all(0));
  green_switch(before);
  green_switch(fiber);
  CHECK(late == 0);
  green_fiber_recycle(pool, before);
  green_fiber_recycle(pool, fiber);
}

static void *other_thread(void *unused) {
  (void)unused;
  green_thread_attach();
  green_pool *shared = pool;
  pool = green_pool_create(0);
  check_apart(7);
  green_pool_destroy(pool);
  pool = shared;
  green_thread_detach();
  return NULL;
}

static void another_thread_has_them_too(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, other_thread, NULL);
  pthread_join(thread, NULL);
}

// ---- C++ ---------------------------------------------------------------------------------------------------------

static uintptr_t *globals, *callable;

static void keep_globals(void *argument) {
  CHECK(globals[0] == 0 && globals[1] == 0 && *callable == 0);
  globals[0] = globals[1] = *callable = (uintptr_t)argument;
  yield_to_root();
  CHECK(globals[0] == (uintptr_t)argument && globals[1] == (uintptr_t)argument && *callable == (uintptr_t)argument);
  globals[0] = globals[1] = *callable = 0;
  green_finish(green_thread_root());
}

static void the_words_of_cxx_are_found_where_it_is_loaded_later(void) {
  void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  void *(*get_globals)(void) = NULL;
  *(void **)&get_globals = dlsym(library, "__cxa_get_globals");
  globals = get_globals();
  callable = dlsym(library, "_ZSt15__once_callable");
  green_thread_follow_libraries();
  dlclose(library);  // stays, since its words are in use
  green_fiber *a = green_fiber_create(pool, keep_globals, (void *)6), *b = green_fiber_create(pool, keep_globals, (void *)8);
  green_switch(a);
  green_switch(b);
  CHECK(globals[0] == 0 && globals[1] == 0 && *callable == 0);
  green_switch(a);
  green_switch(b);
  green_fiber_recycle(pool, a);
  green_fiber_recycle(pool, b);
}

void words_tests(void) {
  pool = green_pool_create(0);
  RUN(registered_words_belong_to_the_fiber);
  RUN(what_cannot_be_registered_is_refused);
  RUN(a_fiber_keeps_the_value_of_a_word_that_it_registers);
  RUN(another_thread_has_them_too);
  RUN(the_words_of_cxx_are_found_where_it_is_loaded_later);
  green_pool_destroy(pool);
}
