// Nanoseconds a switch and a fiber's whole life, and memory a parked fiber. Keep the ratios: the absolute times are the
// machine's.

#include "CFiber.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 10 * 1000 * 1000, REPEATS = 5 };

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static cfiber_fiber *root;
static long rounds;

static void bare(void *argument) {
  cfiber_fiber *self = *(cfiber_fiber **)argument;
  for (;;) cfiber_switch_bare(self, root);
}

static void full(void *argument) {
  (void)argument;
  for (;;) cfiber_switch(root);
}

static void nothing(void *argument) {
  (void)argument;
  cfiber_finish(root);
}

static double time_bare(void *fiber) {
  double start = seconds();
  for (long i = 0; i < rounds; i++) cfiber_switch_bare(root, fiber);
  return (seconds() - start) * 1e9 / (double)rounds / 2;
}

static double time_full(void *fiber) {
  double start = seconds();
  for (long i = 0; i < rounds; i++) cfiber_switch(fiber);
  return (seconds() - start) * 1e9 / (double)rounds / 2;
}

static double time_life(void *pool) {
  double start = seconds();
  for (long i = 0; i < rounds; i++) {
    cfiber_fiber *fiber = cfiber_create(pool, nothing, NULL);
    cfiber_switch(fiber);
    cfiber_recycle(pool, fiber);
  }
  return (seconds() - start) * 1e9 / (double)rounds;
}

// Many fibers in turn: what the caches make of their stacks.
enum { CROWD = 10000 };
static cfiber_fiber *crowd[CROWD];

static double time_crowd(void *unused) {
  (void)unused;
  long count = rounds / CROWD + 1;
  double start = seconds();
  for (long i = 0; i < count; i++) {
    for (int j = 0; j < CROWD; j++) cfiber_switch(crowd[j]);
  }
  return (seconds() - start) * 1e9 / (double)count / CROWD / 2;
}

static long resident(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file) fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

static void print(const char *what, double value) { printf("%-38s %7.1f ns\n", what, value); }

// The least of several runs: whatever else the machine does can only add.
static double least(double (*measure)(void *), void *argument) {
  double least = measure(argument);
  for (int repeat = 1; repeat < REPEATS; repeat++) {
    double one = measure(argument);
    if (one < least) least = one;
  }
  return least;
}

int main(void) {
  root = cfiber_thread_attach();
  cfiber_pool *pool = cfiber_pool_create(0);
  static cfiber_fiber *one;
  one = cfiber_create(pool, bare, &one);
  cfiber_fiber *two = cfiber_create(pool, full, NULL);
  rounds = cfiber_switch_name()[0] == 'u' ? ROUNDS / 20 : ROUNDS;
  printf("the switch: %s\n", cfiber_switch_name());
  print("cfiber_switch_bare", least(time_bare, one));
  print("cfiber_switch, no words", least(time_full, two));
  static _Thread_local uintptr_t words[5];
  void *addresses[5];
  for (int i = 0; i < 5; i++) addresses[i] = &words[i];
  cfiber_thread_locals(addresses, 4);
  print("cfiber_switch, 4 words", least(time_full, two));
  cfiber_thread_locals(addresses, 5);
  print("cfiber_switch, 5 words", least(time_full, two));
  print("create, run, finish, recycle", least(time_life, pool));
  long before = resident();
  double born = seconds();
  for (int i = 0; i < CROWD; i++) {
    crowd[i] = cfiber_create(pool, full, NULL);
    if (!crowd[i]) return fprintf(stderr, "%s\n", cfiber_pool_error(pool)), 1;
    cfiber_switch(crowd[i]);
  }
  print("first fiber on a new stack", (seconds() - born) * 1e9 / CROWD);
  print("cfiber_switch, 5 words, 10,000 in turn", least(time_crowd, NULL));
  printf("%-38s %7.1f KB\n", "resident a parked fiber", (double)(resident() - before) / CROWD / 1024);
  return 0;
}
