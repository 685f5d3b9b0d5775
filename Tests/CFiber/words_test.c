// Words that were registered for all threads: they belong to the fiber, and C++'s are found.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "check.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static cfiber_pool *pool;

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

static void yield_to_root(void) { cfiber_switch(cfiber_thread_root()); }

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
  cfiber_finish(cfiber_thread_root());
}

static void check_apart(uintptr_t in_root) {
  set_all(in_root);
  cfiber_fiber *fibers[4];
  for (uintptr_t i = 0; i < 4; i++) fibers[i] = cfiber_create(pool, keep, (void *)(i % 2 ? 0 : 10 + i));
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 4; i++) {
      cfiber_switch(fibers[i]);
      CHECK(are_all(in_root));
    }
  }
  for (int i = 0; i < 4; i++) cfiber_recycle(pool, fibers[i]);
  set_all(0);
}

static void registered_words_belong_to_the_fiber(void) {
  CHECK(cfiber_register_words(find_own, COUNT) == 0);
  CHECK(cfiber_register_words(find_own, COUNT) == 0);
  check_apart(0);
  check_apart(5);
  check_apart(0);
}

static void *nowhere(void) { return NULL; }
static void *askew(void) { return (char *)own + 1; }

static void what_cannot_be_registered_is_refused(void) {
  CHECK(cfiber_register_words(NULL, 1) == EINVAL);
  CHECK(cfiber_register_words(find_late, 0) == EINVAL);
  CHECK(cfiber_register_words(nowhere, 1) == EINVAL);
  CHECK(cfiber_register_words(askew, 1) == EINVAL);
  CHECK(cfiber_register_words(find_late, GREEN_KEPT_WORDS) == ENOSPC);
  CHECK(cfiber_register_words(find_late, SIZE_MAX) == ENOSPC);
  void *addresses[GREEN_LOCAL_WORDS + 1] = {own};
  CHECK(cfiber_thread_locals(addresses, GREEN_LOCAL_WORDS + 1) == ENOSPC);
}

// Another fiber is parked with words set, which know nothing of the new one.
static void register_late(void *argument) {
  (void)argument;
  late = 3;
  CHECK(cfiber_register_words(find_late, 1) == 0);
  yield_to_root();
  CHECK(late == 3);
  cfiber_finish(cfiber_thread_root());
}

static void look_late(void *argument) {
  (void)argument;
  set_all(1);
  yield_to_root();
  CHECK(late == 0 && are_all(1));
  cfiber_finish(cfiber_thread_root());
}

static void a_fiber_keeps_the_value_of_a_word_that_it_registers(void) {
  cfiber_fiber *before = cfiber_create(pool, look_late, NULL);
  cfiber_switch(before);
  cfiber_fiber *fiber = cfiber_create(pool, register_late, NULL);
  cfiber_switch(fiber);
  CHECK(late == 0 && are_all(0));
  cfiber_switch(before);
  cfiber_switch(fiber);
  CHECK(late == 0);
  cfiber_recycle(pool, before);
  cfiber_recycle(pool, fiber);
}

static void *other_thread(void *unused) {
  (void)unused;
  cfiber_thread_attach();
  cfiber_pool *shared = pool;
  pool = cfiber_pool_create(0);
  check_apart(7);
  cfiber_pool_destroy(pool);
  pool = shared;
  cfiber_thread_detach();
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
  cfiber_finish(cfiber_thread_root());
}

static void the_words_of_cxx_are_found_where_it_is_loaded_later(void) {
  void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  void *(*get_globals)(void) = NULL;
  *(void **)&get_globals = dlsym(library, "__cxa_get_globals");
  globals = get_globals();
  callable = dlsym(library, "_ZSt15__once_callable");
  cfiber_thread_follow_libraries();
  dlclose(library);  // stays, since its words are in use
  cfiber_fiber *a = cfiber_create(pool, keep_globals, (void *)6), *b = cfiber_create(pool, keep_globals, (void *)8);
  cfiber_switch(a);
  cfiber_switch(b);
  CHECK(globals[0] == 0 && globals[1] == 0 && *callable == 0);
  cfiber_switch(a);
  cfiber_switch(b);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
}

void words_tests(void) {
  pool = cfiber_pool_create(0);
  RUN(registered_words_belong_to_the_fiber);
  RUN(what_cannot_be_registered_is_refused);
  RUN(a_fiber_keeps_the_value_of_a_word_that_it_registers);
  RUN(another_thread_has_them_too);
  RUN(the_words_of_cxx_are_found_where_it_is_loaded_later);
  cfiber_pool_destroy(pool);
}
