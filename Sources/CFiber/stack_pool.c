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

struct cfiber_pool {
  struct cfiber_geometry geometry;
  struct cfiber_slab **slabs;
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
uint64_t cfiber_last_id(void) { return atomic_load_explicit(&last_id, memory_order_relaxed); }

cfiber_pool *cfiber_pool_create(size_t stack_size) {
  cfiber_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  if (cfiber_geometry_for(stack_size, &pool->geometry)) return pool;
  free(pool);
  return NULL;
}

void cfiber_pool_destroy(cfiber_pool *pool) {
  if (!pool) return;
  for (unsigned i = 0; i < pool->slab_count; i++) cfiber_slab_unmap(pool->slabs[i]);
  free(pool->slabs);
  free(pool->cached);
  free(pool);
}

cfiber_pool_statistics cfiber_pool_inspect(const cfiber_pool *pool) {
  return (cfiber_pool_statistics){
      .in_use = pool->in_use,
      .high_water = pool->high_water,
      .warm = cfiber_pool_warm(pool),
      .mapped = pool->mapped,
      .stack_size = pool->geometry.stack,
      .guard_by_madvise = cfiber_guard_is_by_madvise(),
  };
}

const char *cfiber_pool_error(const cfiber_pool *pool) { return pool ? pool->error : "no memory for a pool of stacks"; }

// ---- Memory ------------------------------------------------------------------------------------------------------

// The stacks that were cached first go first.
static void give_back(cfiber_pool *pool, size_t count) {
  for (; count > 0 && pool->cold < pool->cached_count; count--) {
    struct place place = pool->cached[pool->cold++];
    struct cfiber_slab *slab = pool->slabs[place.slab];
    madvise(cfiber_slab_low(slab, place.index), pool->geometry.stack + pool->geometry.crown, MADV_DONTNEED);
  }
}

size_t cfiber_pool_warm(const cfiber_pool *pool) { return pool->cached_count - pool->cold; }

void cfiber_pool_trim(cfiber_pool *pool, size_t keep) {
  size_t warm = cfiber_pool_warm(pool);
  if (warm > keep) give_back(pool, warm - keep);
}

static void give_back_surplus(cfiber_pool *pool) {
  if (++pool->recycled >= PERIOD) {
    pool->recycled = 0;
    pool->last_peak = pool->peak;
    pool->peak = pool->in_use;
  }
  size_t wanted = (pool->peak > pool->last_peak ? pool->peak : pool->last_peak) + SPARE;
  if (pool->in_use + pool->cached_count - pool->cold >= wanted + BATCH) give_back(pool, BATCH);
}

// ---- Growing -----------------------------------------------------------------------------------------------------

static bool add_slab(cfiber_pool *pool) {
  // Room for every stack there will be, so that recycling cannot fail.
  size_t count = pool->slab_count + 1;
  struct place *cached = realloc(pool->cached, count * GREEN_SLAB_STACKS * sizeof *cached);
  if (!cached) return false;
  pool->cached = cached;
  struct cfiber_slab **slabs = realloc(pool->slabs, count * sizeof *slabs);
  if (!slabs) return false;
  pool->slabs = slabs;
  struct cfiber_slab *slab = cfiber_slab_map(&pool->geometry, GREEN_SLAB_STACKS);
  if (!slab) return false;
  slab->number = pool->slab_count;
  pool->slabs[pool->slab_count++] = slab;
  return true;
}

// A stack that has never been used.
static bool take_new(cfiber_pool *pool, struct place *place) {
  bool full = pool->slab_count == 0 || pool->slabs[pool->slab_count - 1]->ready == GREEN_SLAB_STACKS;
  int index = -1;
  if (!full || add_slab(pool)) index = cfiber_slab_ready_next(pool->slabs[pool->slab_count - 1]);
  if (index < 0) {
    int error = errno;
    cfiber_explain(pool->error, sizeof pool->error, error, &pool->geometry, pool->mapped);
    errno = error;
    return false;
  }
  pool->mapped++;
  *place = (struct place){.slab = pool->slab_count - 1, .index = (uint32_t)index};
  return true;
}

// ---- Fibers ------------------------------------------------------------------------------------------------------

cfiber_fiber *cfiber_create(cfiber_pool *pool, cfiber_entry entry, void *argument) {
  struct place place;
  if (pool->cached_count > 0) {
    place = pool->cached[--pool->cached_count];
    if (pool->cold > pool->cached_count) pool->cold = pool->cached_count;
  } else if (!take_new(pool, &place)) {
    return NULL;
  }
  if (++pool->in_use > pool->peak) pool->peak = pool->in_use;
  if (pool->in_use > pool->high_water) pool->high_water = pool->in_use;

  struct cfiber_slab *slab = pool->slabs[place.slab];
  cfiber_fiber *fiber = cfiber_slab_fiber(slab, place.index);
  memset(fiber, 0, offsetof(cfiber_fiber, name) + 1);
  fiber->entry = entry;
  fiber->argument = argument;
  fiber->thread = cfiber_own_thread()->number;
  fiber->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
  fiber->slab = slab;
  fiber->slab_index = place.index;
  char *top = (char *)fiber - cfiber_context_bytes;
  fiber->stack_low = cfiber_slab_low(slab, place.index);
  fiber->stack_size = (size_t)(top - (char *)fiber->stack_low);
  cfiber_context_prepare(fiber, top, top);
  cfiber_note_create(fiber);
  return fiber;
}

void cfiber_recycle(cfiber_pool *pool, cfiber_fiber *fiber) {
  if (fiber->id == 0) return;  // already recycled
  cfiber_note_recycle(fiber);
  if (GREEN_UNLIKELY(fiber->control_block != NULL)) cfiber_share(fiber);
  if (GREEN_UNLIKELY(fiber->locale != NULL)) cfiber_locale_drop(fiber);
  fiber->id = 0;
  struct cfiber_slab *slab = fiber->slab;
  pool->cached[pool->cached_count++] = (struct place){.slab = slab->number, .index = fiber->slab_index};
  pool->in_use--;
  give_back_surplus(pool);
}

void cfiber_set_name(cfiber_fiber *fiber, const char *bytes, size_t count) {
  if (count > GREEN_FIBER_NAME_BYTES - 1) {
    count = GREEN_FIBER_NAME_BYTES - 1;
    // Not within a character: UTF-8's continuation bytes begin with 10.
    while (count > 0 && ((unsigned char)bytes[count] & 0xC0) == 0x80) count--;
  }
  memcpy(fiber->name, bytes, count);
  fiber->name[count] = 0;
}
