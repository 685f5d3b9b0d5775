// The sequence of fates: its own for each thread, so that a seed replays it.

#include "chaos.h"

#include <dlfcn.h>
#include <string.h>

static __thread struct {
  bool is_on;
  uint64_t state;
  struct chaos_rates rates[CHAOS_CALLS];
  struct chaos_counts counts[CHAOS_CALLS];
  struct chaos_lacking lacking;
} chaos;

void *chaos_find(const char *name, void *interceptor) {
  return interceptor != NULL ? interceptor : dlsym(RTLD_NEXT, name);
}

// splitmix64.
static uint64_t next(void) {
  uint64_t z = chaos.state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void chaos_start(uint64_t seed) {
  memset(&chaos, 0, sizeof chaos);
  chaos.state = seed;
  chaos.is_on = true;
}

void chaos_stop(void) { chaos.is_on = false; }

void chaos_set(enum chaos_call call, struct chaos_rates rates) { chaos.rates[call] = rates; }

struct chaos_counts chaos_counted(enum chaos_call call) { return chaos.counts[call]; }

void chaos_lacks(bool nowait, bool nosignal) { chaos.lacking = (struct chaos_lacking){nowait, nosignal}; }

struct chaos_lacking chaos_lacking(void) { return chaos.is_on ? chaos.lacking : (struct chaos_lacking){false, false}; }

enum chaos_fate chaos_fate(enum chaos_call call) {
  if (!chaos.is_on) return FATE_REAL;
  struct chaos_rates *rates = &chaos.rates[call];
  struct chaos_counts *counts = &chaos.counts[call];
  counts->calls += 1;
  unsigned die = (unsigned)(next() % 1000);
  if (die < rates->passing) {
    counts->passing += 1;
    return FATE_PASSING;
  }
  if (die < rates->passing + rates->less) {
    counts->less += 1;
    return FATE_LESS;
  }
  if (die < rates->passing + rates->less + rates->failing) {
    counts->failing += 1;
    return FATE_FAILING;
  }
  return FATE_REAL;
}

size_t chaos_less(size_t count) { return count <= 1 ? count : 1 + next() % (next() % 2 == 0 ? count - 1 : 1); }

int chaos_fail(const int *errors, size_t number) {
  errno = errors[next() % number];
  return -1;
}
