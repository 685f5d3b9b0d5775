// Fibers with thread control blocks of their own. Here: what their tests share, and the blocks' pool.

#include "isolation.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

cfiber_pool *isolation_pool;
void yield_to_root(void) { cfiber_switch(cfiber_thread_root()); }

cfiber_fiber *make_isolated(cfiber_entry entry, void *argument) {
  cfiber_fiber *fiber = cfiber_create(isolation_pool, entry, argument);
  CHECK(cfiber_isolate(fiber) == 0);
  return fiber;
}

int alive;

void end_isolated(void) {
  alive--;
  finish();
}
void run_isolated(cfiber_entry entry, int count) {
  cfiber_fiber *fibers[MOST];
  for (int i = 0; i < count; i++) fibers[i] = make_isolated(entry, (void *)(intptr_t)(i + 2));
  alive = count;
  while (alive > 0) {
    for (int i = 0; i < count; i++) {
      if (fibers[i] == NULL) continue;
      int before = alive;
      cfiber_switch(fibers[i]);
      if (alive == before) continue;
      cfiber_recycle(isolation_pool, fibers[i]);
      fibers[i] = NULL;
    }
  }
}

_Thread_local int isolation_number = 7;

void return_from_entry(void *argument) {
  ++*(int *)argument;
  yield_to_root();
  ++*(int *)argument;
}

void switch_often(void *argument) {
  isolation_number = (int)(intptr_t)argument;
  for (int i = 0; i < 200; i++) {
    void *memory = malloc(50 + (size_t)i);
    yield_to_root();
    free(memory);
    if (isolation_number != (int)(intptr_t)argument) abort();
  }
  end_isolated();
}

int in_isolated_child(void (*body)(void)) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(emulated() ? 300 : 120);
    check_failed = false;
    body();
    fflush(NULL);
    _exit(check_failed ? 1 : 0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

// ---- The pool ----------------------------------------------------------------------------------------------------

static size_t threads_listed(void) {
  size_t count = 0;
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  while (status && fgets(line, sizeof line, status)) sscanf(line, "Threads: %zu", &count);
  if (status) fclose(status);
  return count;
}

static void *isolate_on_a_thread(void *argument) {
  cfiber_thread_attach();
  cfiber_pool *own = cfiber_pool_create(0);
  CHECK(cfiber_isolation_prepare(10) == 0);
  int count = 0;
  for (int round = 0; round < 3; round++) {
    cfiber_fiber *fiber = cfiber_create(own, return_from_entry, &count);
    CHECK(cfiber_isolate(fiber) == 0);
    cfiber_switch(fiber);
    cfiber_switch(fiber);
    cfiber_recycle(own, fiber);
  }
  CHECK(count == 6);
  cfiber_pool_destroy(own);
  cfiber_thread_detach();
  return argument;
}

static void blocks_go_with_their_thread(void) {
  size_t before = threads_listed();
  for (int i = 0; i < 5; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, isolate_on_a_thread, NULL);
    pthread_join(thread, NULL);
  }
  if (!emulated()) CHECK(threads_listed() == before);
}

static void plain_fibers_remain_where_it_is_refused(void) {
  cfiber_fiber *fiber = cfiber_create(isolation_pool, return_from_entry, NULL);
  CHECK(cfiber_isolate(fiber) == ENOSYS);
  CHECK(cfiber_isolation_prepare(1) == ENOSYS);
  cfiber_recycle(isolation_pool, fiber);
}

void isolation_tests(void) {
  isolation_pool = cfiber_pool_create(0);
  const char *refusal = cfiber_isolation_refusal();
  if (refusal) {
    printf("no thread control blocks: %s\n", refusal);
    RUN(plain_fibers_remain_where_it_is_refused);
    cfiber_pool_destroy(isolation_pool);
    return;
  }
  CHECK(!SANITIZED);
  isolation_state_tests();
  isolation_process_tests();
  RUN(blocks_go_with_their_thread);
  cfiber_pool_destroy(isolation_pool);
}
