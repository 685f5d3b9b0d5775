// Slabs: many stacks in one mapping, each with its guard.

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102  // Linux 6.13
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define DEFAULT_STACK_BYTES (512 * 1024)
// Compilers that do not probe large frames (clang and swiftc, by default) step over a guard that is smaller than the
// frame. This one stops every frame of up to its size wherever the stack ends, and costs address space and the page
// table entries of 32 pages; a larger frame can still begin beyond it, in the stack of a neighbour.
#define GUARD_BYTES (128 * 1024)
// Stacks of equal size at equal distances put their hottest frames into the same cache sets. So the control block and
// what lies below it are moved down by a multiple of a cache line, within the first page.
#define COLOURS 16
#define CACHE_LINE 64
// What the frames of an idle connection need, so that its stack has one resident page.
#define FIRST_FRAMES_BYTES 2496

static const size_t control_bytes = (sizeof(cfiber_fiber) + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);

static size_t rounded(size_t bytes, size_t page) { return (bytes + page - 1) & ~(page - 1); }

bool cfiber_geometry_for(size_t stack_size, struct cfiber_geometry *geometry) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (stack_size == 0) stack_size = DEFAULT_STACK_BYTES;
  if (stack_size > SIZE_MAX / 4 / GREEN_SLAB_STACKS) {
    errno = EINVAL;
    return false;
  }
  geometry->page = page;
  geometry->guard = rounded(GUARD_BYTES, page);
  geometry->stack = rounded(stack_size, page);
  geometry->crown = rounded(
      COLOURS * CACHE_LINE + control_bytes + cfiber_context_bytes + FIRST_FRAMES_BYTES, page);
  geometry->stride = geometry->guard + geometry->stack + geometry->crown;
  return true;
}

char *cfiber_slab_low(const struct cfiber_slab *slab, unsigned index) {
  uintptr_t base = atomic_load_explicit(&slab->base, memory_order_relaxed);
  return (char *)base + index * slab->geometry.stride + slab->geometry.guard;
}

char *cfiber_slab_high(const struct cfiber_slab *slab, unsigned index) {
  return cfiber_slab_low(slab, index) + slab->geometry.stack + slab->geometry.crown;
}

cfiber_fiber *cfiber_slab_fiber(const struct cfiber_slab *slab, unsigned index) {
  size_t colour = (index % COLOURS) * CACHE_LINE;
  return (cfiber_fiber *)(cfiber_slab_high(slab, index) - colour - control_bytes);
}

// ---- The registry that a signal handler can read -----------------------------------------------------------------

static _Atomic(struct cfiber_slab *) registry;

// A descriptor that is not in use, or a new one. Two threads may ask at once.
static struct cfiber_slab *take_descriptor(void) {
  struct cfiber_slab *slab = atomic_load_explicit(&registry, memory_order_acquire);
  for (; slab; slab = slab->registered_next) {
    bool expected = false;
    if (atomic_compare_exchange_strong(&slab->taken, &expected, true)) return slab;
  }
  slab = calloc(1, sizeof *slab);
  if (!slab) return NULL;
  atomic_store_explicit(&slab->taken, true, memory_order_relaxed);
  slab->registered_next = atomic_load_explicit(&registry, memory_order_relaxed);
  while (!atomic_compare_exchange_weak(&registry, &slab->registered_next, slab)) {}
  return slab;
}

cfiber_fiber *cfiber_guard_owner(uintptr_t address) {
  struct cfiber_slab *slab = atomic_load_explicit(&registry, memory_order_acquire);
  for (; slab; slab = slab->registered_next) {
    uintptr_t base = atomic_load_explicit(&slab->base, memory_order_acquire);
    if (!base || address < base) continue;
    size_t stride = slab->geometry.stride;
    size_t index = (address - base) / stride;
    if (index >= slab->ready) continue;
    return (address - base) % stride < slab->geometry.guard ? cfiber_slab_fiber(slab, (unsigned)index) : NULL;
  }
  return NULL;
}

// ---- Mapping -----------------------------------------------------------------------------------------------------

struct cfiber_slab *cfiber_slab_map(const struct cfiber_geometry *geometry, unsigned count) {
  struct cfiber_slab *slab = take_descriptor();
  if (!slab) return NULL;
  size_t bytes = geometry->stride * count;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) {
    atomic_store_explicit(&slab->taken, false, memory_order_release);
    return NULL;
  }
  // One touched page must not become two megabytes. Kernels without huge pages refuse, and need not be told.
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  slab->geometry = *geometry;
  slab->pool_next = NULL;
  slab->ready = 0;
  slab->count = count;
  slab->is_big = false;
  atomic_store_explicit(&slab->base, (uintptr_t)memory, memory_order_release);
  return slab;
}

void cfiber_slab_unmap(struct cfiber_slab *slab) {
  for (unsigned index = 0; index < slab->ready; index++) {
    cfiber_note_unmap_stack(cfiber_slab_low(slab, index), cfiber_slab_high(slab, index), slab->valgrind_stacks[index]);
  }
  void *memory = (void *)atomic_exchange(&slab->base, 0);
  munmap(memory, slab->geometry.stride * slab->count);
  atomic_store_explicit(&slab->taken, false, memory_order_release);
}

// ---- Guards ------------------------------------------------------------------------------------------------------

enum { UNKNOWN, BY_MADVISE, BY_MPROTECT };
static atomic_int guard_kind;

bool cfiber_guard_is_by_madvise(void) { return atomic_load_explicit(&guard_kind, memory_order_relaxed) == BY_MADVISE; }

// A guard by madvise lives in the page tables and leaves the mapping whole; one by mprotect cuts it in two, and the
// number of mappings is limited.
static int install_guard(char *low, size_t bytes) {
  int kind = atomic_load_explicit(&guard_kind, memory_order_relaxed);
  if (kind != BY_MPROTECT) {
    if (madvise(low, bytes, MADV_GUARD_INSTALL) == 0) {
      if (kind == BY_MADVISE) return 0;
      // Emulators accept advice that they do not know. So ask for the memory: a guard refuses.
      if (madvise(low, bytes, MADV_POPULATE_READ) != 0 && errno == EFAULT) {
        atomic_store_explicit(&guard_kind, BY_MADVISE, memory_order_relaxed);
        return 0;
      }
    } else if (errno != EINVAL) {
      return -1;
    }
    atomic_store_explicit(&guard_kind, BY_MPROTECT, memory_order_relaxed);
  }
  return mprotect(low, bytes, PROT_NONE);
}

int cfiber_slab_ready_next(struct cfiber_slab *slab) {
  unsigned index = slab->ready;
  char *low = cfiber_slab_low(slab, index);
  if (install_guard(low - slab->geometry.guard, slab->geometry.guard) != 0) return -1;
  slab->valgrind_stacks[index] = cfiber_note_map_stack(low, cfiber_slab_high(slab, index));
  slab->ready = index + 1;
  return (int)index;
}
