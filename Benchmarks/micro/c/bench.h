// What the C programs of the micro benchmarks share: a clock, their argument, and how they print.

#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// Prints one figure as the harness reads it.
static inline void show(const char *key, double value) {
  printf("%s %.9g\n", key, value);
  fflush(stdout);
}

static inline _Noreturn void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

// The program's one argument: how often, or how many.
static inline long count_argument(int count, char **arguments) {
  long number = count == 2 ? strtol(arguments[1], NULL, 10) : 0;
  if (number > 0) return number;
  fprintf(stderr, "usage: %s COUNT\n", arguments[0]);
  exit(2);
}

#endif
