// The redirect on its own, as far as C goes: vfork(2) in assembly, calls that pass through, and calls in a fiber, which ask
// a table of a few lines how to wait. Tests/CFiber/run builds it, for arm64 too; what the whole promises is tried by
// GreenRedirectTests.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <CFiber.h>
#include <CRedirect.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int passed, failed;
#define CHECK(condition)                                                  \
  do {                                                                    \
    if (condition) {                                                      \
      passed++;                                                           \
    } else {                                                              \
      failed++;                                                           \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);      \
    }                                                                     \
  } while (0)

// ---- A table that counts what it is asked for ----

static int sleeps, waits;
static int ends[2];

static bool closing(int fd) { return fd < 0; }
static void closed(int fd, bool was_watched) { (void)fd, (void)was_watched; }
static void opened(int fd) { (void)fd; }
static int highest_watched(void) { return -1; }
static void nothing(void) {}
static size_t unpark(const void *address, bool all) { return (void)address, (void)all, 0; }

static int sleep_until(int64_t deadline) {
  sleeps++;
  CHECK(deadline > 0);
  cfiber_switch(cfiber_thread_root());
  return 0;
}

static int wait_descriptor(int fd, short events, int64_t deadline) {
  if (fd != ends[0]) {
    // The descriptor of a child's process: waited for as if there were no table.
    struct pollfd entry = {.fd = fd, .events = events};
    ++*cfiber_bypass();
    CHECK(poll(&entry, 1, -1) == 1);
    --*cfiber_bypass();
    return 0;
  }
  CHECK(events == POLLIN && deadline == INT64_MAX);
  waits++;
  cfiber_switch(cfiber_thread_root());
  return 0;
}

static void install(void) {
  credirect_table *table = credirect_storage();
  table->bypass = cfiber_bypass;
  table->closing = closing;
  table->closed = closed;
  table->opened = opened;
  table->highest_watched = highest_watched;
  table->unpark = unpark;
  table->spent_slice = nothing;
  table->give_way = nothing;
  table->sleep_until = sleep_until;
  table->wait_descriptor = wait_descriptor;
  credirect_install(table);
}

// ---- vfork(2) ----

// Takes as much stack as the frame that the parent returns through, and more.
__attribute__((noinline)) static int overwrite(int depth) {
  volatile char room[512];
  memset((char *)room, depth, sizeof room);
  return depth == 0 ? room[7] : overwrite(depth - 1) + room[3] - depth;
}

// What was in registers and on the stack before is there after, and the child's status is its own.
__attribute__((noinline)) static void vfork_once(int status) {
  long kept[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  int seen = 0;
  pid_t child = vfork();
  if (child == 0) _exit(overwrite(20) == 0 ? status : 99);
  CHECK(child > 0);
  CHECK(waitpid(child, &seen, 0) == child && WIFEXITED(seen) && WEXITSTATUS(seen) == status);
  long sum = 0;
  for (int i = 0; i < 12; i++) sum += kept[i];
  CHECK(sum == 78);
}

static void vfork_and_exec(void) {
  int seen = 0;
  pid_t child = vfork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
    _exit(127);
  }
  CHECK(waitpid(child, &seen, 0) == child && WIFEXITED(seen) && WEXITSTATUS(seen) == 3);
}

// The counter that has the child's calls pass through is what it was.
static void vforks(void) {
  unsigned *counter = cfiber_bypass(), before = *counter;
  for (int i = 0; i < 20; i++) vfork_once(i);
  vfork_and_exec();
  CHECK(*counter == before);
}

// ---- Outside fibers, and before there is a table: the C library's own ----

static void pass_through(void) {
  char text[32] = "";
  FILE *file = tmpfile();
  CHECK(file != NULL && fprintf(file, "%d %s\n", 42, "words") > 0);
  rewind(file);
  int number = 0;
  CHECK(fscanf(file, "%d %31s", &number, text) == 2 && number == 42 && strcmp(text, "words") == 0);
  CHECK(fclose(file) == 0);
  struct pollfd entry = {.fd = ends[0], .events = POLLIN};
  CHECK(poll(&entry, 1, 0) == 0);
  CHECK(write(ends[1], "x", 1) == 1 && read(ends[0], text, sizeof text) == 1 && text[0] == 'x');
  CHECK(usleep(1) == 0 && sleeps == 0 && waits == 0);
}

// ---- In a fiber: the table is asked ----

static void body(void *unused) {
  (void)unused;
  char byte = 0;
  errno = EDOM;
  CHECK(usleep(1000) == 0);
  CHECK(errno == EDOM);
  CHECK(read(ends[0], &byte, 1) == 1 && byte == 'y');
  vforks();
  cfiber_finish(cfiber_thread_root());
}

static void in_a_fiber(void) {
  cfiber_pool *pool = cfiber_pool_create(256 * 1024);
  cfiber_fiber *fiber = pool == NULL ? NULL : cfiber_create(pool, body, NULL);
  CHECK(fiber != NULL);
  if (fiber == NULL) return;
  cfiber_switch(fiber);
  CHECK(sleeps == 1 && waits == 0);
  cfiber_switch(fiber);
  CHECK(waits == 1);
  CHECK(write(ends[1], "y", 1) == 1);
  cfiber_switch(fiber);
  CHECK(sleeps == 1 && waits == 1);
}

int main(void) {
  CHECK(pipe(ends) == 0);
  cfiber_thread_attach();
  pass_through();
  vforks();
  install();
  pass_through();
  vforks();
  in_a_fiber();
  printf("the redirect: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
