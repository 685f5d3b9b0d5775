// How deep stacks went, by where their fibers were made.
//
// A stack that begins as zeros tells it by itself: the lowest word that is something else is as deep as anything was
// written. So each stack is looked at when its fiber has ended, and made zeros again for the next.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Places in the source; a program has some dozens that make fibers.
#define SLOTS 1024
#define MOST (SLOTS - SLOTS / 4)
#define PAGES_AT_ONCE 1024
_Static_assert(GREEN_CENSUS_MOST == MOST + 1, "the others are an entry too");

struct cfiber_census {
  uint64_t last_before;  // fibers up to this one may have begun on a stack that was not clean
  size_t page;
  size_t used;
  unsigned char resident[PAGES_AT_ONCE];
  cfiber_census_entry others;
  cfiber_census_entry slots[SLOTS];
};

cfiber_census *cfiber_census_create(cfiber_pool *pool) {
  cfiber_census *census = calloc(1, sizeof *census);
  if (!census) return NULL;
  census->page = (size_t)sysconf(_SC_PAGESIZE);
  census->last_before = cfiber_last_id();
  cfiber_pool_trim(pool, 0);
  return census;
}

void cfiber_census_destroy(cfiber_census *census) { free(census); }

// Words, one by one and as they are: the sanitizers' own memset would ask whose they are.
static uintptr_t *clean(char *low, char *high) {
  uintptr_t *lowest = NULL;
  for (volatile uintptr_t *word = (uintptr_t *)low; (char *)word < high; word++) {
    if (*word == 0) continue;
    if (!lowest) lowest = (uintptr_t *)word;
    *word = 0;
  }
  return lowest;
}

static size_t measure(cfiber_census *census, cfiber_fiber *fiber) {
  cfiber_note_open_stack(fiber);
  char *low = fiber->stack_low, *top = low + fiber->stack_size;
  uintptr_t *lowest = NULL;
  size_t step = PAGES_AT_ONCE * census->page;
  for (char *part = low; part < top; part += step) {
    size_t bytes = (size_t)(top - part) < step ? (size_t)(top - part) : step;
    // Most of a stack was never touched, and looking at it would give it page tables.
    bool known = mincore(part, bytes, census->resident) == 0;
    for (size_t offset = 0, i = 0; offset < bytes; offset += census->page, i++) {
      if (known && !(census->resident[i] & 1)) continue;
      size_t end = offset + census->page < bytes ? offset + census->page : bytes;
      uintptr_t *found = clean(part + offset, part + end);
      if (!lowest) lowest = found;
    }
  }
  return lowest ? (size_t)(top - (char *)lowest) : 0;
}

static cfiber_census_entry *entry_of(cfiber_census *census, const char *file, uint32_t line) {
  size_t start = (((uintptr_t)file >> 3) * 31 + line) * 0x9E3779B97F4A7C15u >> 40;
  for (size_t i = 0; i < SLOTS; i++) {
    cfiber_census_entry *entry = &census->slots[(start + i) % SLOTS];
    if (entry->count > 0 && (entry->file != file || entry->line != line)) continue;
    if (entry->count == 0 && census->used == MOST) break;
    if (entry->count == 0) census->used++;
    entry->file = file;
    entry->line = line;
    return entry;
  }
  return &census->others;
}

void cfiber_census_add(cfiber_census *census, cfiber_fiber *fiber, const char *file, uint32_t line) {
  size_t depth = measure(census, fiber);
  if (fiber->id <= census->last_before) return;
  cfiber_census_entry *entry = entry_of(census, file, line);
  entry->count++;
  entry->total += depth;
  if (depth > entry->deepest) entry->deepest = depth;
}

size_t cfiber_census_read(const cfiber_census *census, cfiber_census_entry *entries) {
  size_t count = 0;
  for (size_t i = 0; i < SLOTS; i++) {
    if (census->slots[i].count > 0) entries[count++] = census->slots[i];
  }
  if (census->others.count > 0) entries[count++] = census->others;
  return count;
}
