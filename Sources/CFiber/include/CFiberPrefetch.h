#ifndef CFIBER_PREFETCH_H
#define CFIBER_PREFETCH_H

// Having memory fetched into the processor's cache for a fiber that is about to run.
//
// Where thousands of fibers take turns, what one of them uses has long left the cache when it goes on, and it waits for it
// line by line: a hundred lines for a short request. Fetched beforehand they come all at once, while another one runs.

#include "CFiber.h"

#define GREEN_CACHE_LINE 64
// As much of a stack as a short request needs.
#define GREEN_PREFETCHED_STACK 3840

// The fiber's control block and the upper end of its stack.
static inline void cfiber_prefetch(const cfiber_fiber *fiber) {
  const char *line = (const char *)fiber - GREEN_PREFETCHED_STACK, *end = (const char *)(fiber + 1);
  for (; line < end; line += GREEN_CACHE_LINE) __builtin_prefetch(line, 1);
}

// What else a fiber uses: addresses, multiples of 16, each with the number of cache lines from there on.
#define GREEN_WORKING_SET 6
typedef struct cfiber_working_set {
  uintptr_t entries[GREEN_WORKING_SET];
} cfiber_working_set;

// Adds a piece of memory, of which 15 lines count; without room for it does nothing. It may be freed at any time: fetching
// what is not there does nothing either.
static inline void cfiber_working_set_add(cfiber_working_set *set, const void *memory, size_t bytes) {
  uintptr_t first = (uintptr_t)memory & ~(uintptr_t)15;
  size_t lines = (bytes + (uintptr_t)memory % GREEN_CACHE_LINE + GREEN_CACHE_LINE - 1) / GREEN_CACHE_LINE;
  int free = 0;
  while (free < GREEN_WORKING_SET && set->entries[free] != 0) free++;
  if (free < GREEN_WORKING_SET) set->entries[free] = first | (lines < 15 ? lines : 15);
}

static inline void cfiber_working_set_prefetch(const cfiber_working_set *set) {
  for (int i = 0; i < GREEN_WORKING_SET && set->entries[i] != 0; i++) {
    const char *line = (const char *)(set->entries[i] & ~(uintptr_t)15);
    for (uintptr_t left = set->entries[i] & 15; left > 0; left--, line += GREEN_CACHE_LINE) __builtin_prefetch(line, 1);
  }
}

#endif
