// The pool: which stacks are free, and when their memory goes back to the system.

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Cached stacks keep their memory while the pool may soon need them: as many as made fibers alive at once recently.
// Recently is the present and the last period of this many recycled fibers.
#define PERIOD 4096
// What lies beyond goes back this many stacks at a time.
#define BATCH 16
#define SPARE 64

// Which stack, instead of a pointer to it: so its control block may be given back too.
struct place {
  uint32_t slab, index;
};

struct green_pool {
  struct green_geometry geometry;
  struct green_slab **slabs;
  unsigned slab_count;
  size_t mapped;
  size_t in_use, high_water;

  // Cached stacks, the last recycled at the end. The first `cold` of them have no memory.
  struct place *cached;
  size_t cached_count, cold;

  size_t peak, last_peak, recycled;  // most alive at once in this period and in the last, fibers recycled in this one
  char error[256];
};

static _Atomic(uint64_t) last_id;
uint64_t green_last_id(void) { return atomic_load_explicit(&last_id, memory_order_relaxed); }

green_pool *green_pool_create(size_t stack_size) {
  green_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  if (green_geometry_for(stack_size, &pool->geometry)) return pool;
  free(pool);
  return NULL;
}

void green_pool_destroy(green_pool *pool) {
  if (!pool) return;
  for (unsigned i = 0; i < pool->slab_count; i++) green_slab_unmap(pool->slabs[i]);
  free(pool->slabs);
  free(pool->cached);
  free(pool);
}

green_pool_statistics green_pool_inspect(const green_pool *pool) {
  return (green_pool_statistics){
      .in_use = pool->in_use,
      .high_water = pool->high_water,
      .warm = green_pool_warm(pool),
      .mapped = pool->mapped,
      .stack_size = pool->geometry.stack,
      .guard_by_madvise = green_guard_is_by_madvise(),
  };
}

const char *green_pool_error(const green_pool *pool) { return pool ? pool->error : "no memory for a pool of stacks"; }

// ---- Memory ------------------------------------------------------------------------------------------------------

// The stacks that were cached first go first.
static void give_back(green_pool *pool, size_t count) {
  for (; count > 0 && pool->cold < pool->cached_count; count--) {
    struct place place = pool->cached[pool->cold++];
    struct green_slab *slab = pool->slabs[place.slab];
    madvise(green_slab_low(slab, place.index), pool->geometry.stack + pool->geometry.crown, MADV_DONTNEED);
  }
}

size_t green_pool_warm(const green_pool *pool) { return pool->cached_count - pool->cold; }

void green_pool_trim(green_pool *pool, size_t keep) {
  size_t warm = green_pool_warm(pool);
  if (warm > keep) give_back(pool, warm - keep);
}

static void give_back_surplus(green_pool *pool) {
  if (++pool->recycled >= PERIOD) {
    pool->recycled = 0;
    pool->last_peak = pool->peak;
    pool->peak = pool->in_use;
  }
  size_t wanted = (pool->peak > pool->last_peak ? pool->peak : pool->last_peak) + SPARE;
  if (pool->in_use + pool->cached_count - pool->cold >= wanted + BATCH) give_back(pool, BATCH);
}

// ---- Growing -----------------------------------------------------------------------------------------------------

static bool add_slab(green_pool *pool) {
  // Room for every stack there will be, so that recycling cannot fail.
  size_t count = pool->slab_count + 1;
  struct place *cached = realloc(pool->cached, count * GREEN_SLAB_STACKS * sizeof *cached);
  if (!cached) return false;
  pool->cached = cached;
  struct green_slab **slabs = realloc(pool->slabs, count * sizeof *slabs);
  if (!slabs) return false;
  pool->slabs = slabs;
  struct green_slab *slab = green_slab_map(&pool->geometry, GREEN_SLAB_STACKS);
  if (!slab) return false;
  slab->number = pool->slab_count;
  pool->slabs[pool->slab_count++] = slab;
  return true;
}

// A stack that has never been used.
static bool take_new(green_pool *pool, struct place *place) {
  bool full = pool->slab_count == 0 || pool->slabs[pool->slab_count - 1]->ready == GREEN_SLAB_STACKS;
  int index = -1;
  if (!full || add_slab(pool)) index = green_slab_ready_next(pool->slabs[pool->slab_count - 1]);
  if (index < 0) {
    int error = errno;
    green_explain(pool->error, sizeof pool->error, error, &pool->geometry, pool->mapped);
    errno = error;
    return false;
  }
  pool->mapped++;
  *place = (struct place){.slab = pool->slab_count - 1, .index = (uint32_t)index};
  return true;
}

// ---- Fibers ------------------------------------------------------------------------------------------------------

green_fiber *green_fiber_create(green_pool *pool, green_entry entry, void *argument) {
  struct place place;
  if (pool->cached_count > 0) {
    place = pool->cached[--pool->cached_count];
    if (pool->cold > pool->cached_count) pool->cold = pool->cached_count;
  } else if (!take_new(pool, &place)) {
    return NULL;
  }
  if (++pool->in_use > pool->peak) pool->peak = pool->in_use;
  if (pool->in_use > pool->high_water) pool->high_water = pool->in_use;

  struct green_slab *slab = pool->slabs[place.slab];
  green_fiber *fiber = green_slab_fiber(slab, place.index);
  memset(fiber, 0, offsetof(green_fiber, name) + 1);
  fiber->entry = entry;
  fiber->argument = argument;
  fiber->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
  fiber->slab = slab;
  fiber->slab_index = place.index;
  char *top = (char *)fiber - green_context_bytes;
  fiber->stack_low = green_slab_low(slab, place.index);
  fiber->stack_size = (size_t)(top - (char *)fiber->stack_low);
  green_context_prepare(fiber, top, top);
  green_note_create(fiber);
  return fiber;
}

void green_fiber_recycle(green_pool *pool, green_fiber *fiber) {
  if (fiber->id == 0) return;  // already recycled
  green_note_recycle(fiber);
  if (GREEN_UNLIKELY(fiber->control_block != NULL)) green_fiber_share(fiber);
  if (GREEN_UNLIKELY(fiber->locale != NULL)) green_locale_drop(fiber);
  fiber->id = 0;
  struct green_slab *slab = fiber->slab;
  pool->cached[pool->cached_count++] = (struct place){.slab = slab->number, .index = fiber->slab_index};
  pool->in_use--;
  give_back_surplus(pool);
}

void green_fiber_set_name(green_fiber *fiber, const char *bytes, size_t count) {
  if (count > GREEN_FIBER_NAME_BYTES - 1) {
    count = GREEN_FIBER_NAME_BYTES - 1;
    // Not within a character: UTF-8's continuation bytes begin with 10.
    while (count > 0 && ((unsigned char)bytes[count] & 0xC0) == 0x80) count--;
  }
  memcpy(fiber->name, bytes, count);
  fiber->name[count] = 0;
}
