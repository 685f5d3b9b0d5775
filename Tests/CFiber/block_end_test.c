// The end of a fiber that has a thread control block: what is destroyed, and what the next one finds.

#include "check.h"

#include <pthread.h>
#include <stdint.h>
#include <threads.h>

// What C++ compilers call for a thread_local with a destructor.
extern int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *library);
extern void *__dso_handle;

static cfiber_pool *pool;
static _Thread_local int number = 7, empty;
static pthread_key_t key, plain_key, making_key;
static tss_t c11_key;
static int destroyed, order[8];

static void pause_fiber(void) { cfiber_switch(cfiber_thread_root()); }

// A destructor may wait, and finds the variables that it knew.
static void destroy(void *object) {
  int before = number;
  pause_fiber();
  CHECK(number == before);
  order[destroyed++] = (int)(intptr_t)object;
}

static void destroy_and_set(void *value) {
  CHECK(pthread_getspecific(key) == NULL);
  if ((intptr_t)value > 20) pthread_setspecific(key, (void *)20);
  destroy(value);
}

static void end(void) {
  cfiber_isolated_ends();
  finish();
}

static void leave_something(void *argument) {
  (void)argument;
  CHECK(number == 7 && empty == 0 && pthread_getspecific(plain_key) == NULL);
  number = 8;
  empty = 9;
  __cxa_thread_atexit_impl(destroy, (void *)1, &__dso_handle);
  __cxa_thread_atexit_impl(destroy, (void *)2, &__dso_handle);
  pthread_setspecific(key, (void *)21);
  pthread_setspecific(plain_key, &number);
  tss_set(c11_key, (void *)3);
  end();
}

static void destructors_run_as_at_a_threads_end(void) {
  for (int round = 0; round < 3; round++) {
    cfiber_fiber *fiber = cfiber_create(pool, leave_something, NULL);
    CHECK(cfiber_isolate(fiber) == 0);
    destroyed = 0;
    // The first switch, and one after the wait of each destructor.
    for (int i = 0; i < 6; i++) cfiber_switch(fiber);
    const int expected[] = {2, 1, 21, 3, 20};
    CHECK(destroyed == 5);
    for (int i = 0; i < 5; i++) CHECK(order[i] == expected[i]);
    cfiber_recycle(pool, fiber);
  }
  CHECK(number == 7 && empty == 0 && pthread_getspecific(key) == NULL);
}

static void note(void *object) { order[destroyed++] = (int)(intptr_t)object; }

// As the destructor of a key does that makes the first use of a thread_local in C++.
static void make_variable(void *value) {
  note((void *)0);
  __cxa_thread_atexit_impl(note, value, &__dso_handle);
}

static void leave_a_maker(void *number) {
  pthread_setspecific(making_key, number);
  end();
}

static void variables_that_the_destructors_of_keys_make_are_destroyed(void) {
  for (intptr_t round = 1; round < 4; round++) {
    cfiber_fiber *fiber = cfiber_create(pool, leave_a_maker, (void *)round);
    CHECK(cfiber_isolate(fiber) == 0);
    destroyed = 0;
    cfiber_switch(fiber);
    CHECK(destroyed == 2 && order[0] == 0 && order[1] == (int)round);
    cfiber_recycle(pool, fiber);
  }
}

static void count_up(void *expected) {
  CHECK(number == (int)(intptr_t)expected);
  number++;
  end();
}

static void variables_stay_where_nothing_is_destroyed(void) {
  for (intptr_t i = 7; i < 10; i++) {
    cfiber_fiber *fiber = cfiber_create(pool, count_up, (void *)i);
    CHECK(cfiber_isolate(fiber) == 0);
    cfiber_switch(fiber);
    cfiber_recycle(pool, fiber);
  }
}

static void end_plainly(void *argument) {
  number = 7;
  pthread_setspecific(key, argument);
  cfiber_isolated_ends();
  CHECK(pthread_getspecific(key) == argument);
  pthread_setspecific(key, NULL);
  finish();
}

static void a_plain_fiber_destroys_nothing_of_its_threads(void) {
  destroyed = 0;
  cfiber_recycle(pool, start(pool, end_plainly, &destroyed));
  CHECK(destroyed == 0);
}

void block_end_tests(void) {
  if (cfiber_isolation_refusal()) return;
  pool = cfiber_pool_create(0);
  pthread_key_create(&key, destroy_and_set);
  pthread_key_create(&plain_key, NULL);
  pthread_key_create(&making_key, make_variable);
  tss_create(&c11_key, destroy);
  RUN(destructors_run_as_at_a_threads_end);
  RUN(variables_that_the_destructors_of_keys_make_are_destroyed);
  RUN(variables_stay_where_nothing_is_destroyed);
  RUN(a_plain_fiber_destroys_nothing_of_its_threads);
  pthread_key_delete(key);
  pthread_key_delete(plain_key);
  pthread_key_delete(making_key);
  tss_delete(c11_key);
  cfiber_pool_destroy(pool);
}
