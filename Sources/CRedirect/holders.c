// Which fibers of this thread hold which locks: what glibc, which knows threads, cannot tell, and what reports of
// deadlocks name.

#include "redirect.h"

#include <stdlib.h>

// Few: what lies in the static block of thread-local memory is scarce where a program loads libgreen when it runs.
#define BUCKETS 32

// A fiber never changes its thread, so that these need no lock.
static OF_THREAD struct holder *buckets_of_thread[BUCKETS];
static OF_THREAD struct holder *unused_of_thread;
static OF_THREAD size_t held_by_thread;
#define buckets GREEN_OF_THREAD(buckets_of_thread)
#define unused GREEN_OF_THREAD(unused_of_thread)
#define held GREEN_OF_THREAD(held_by_thread)

static struct holder **bucket(const void *address, uintptr_t fiber) {
  uintptr_t hash = ((uintptr_t)address >> 3) ^ (fiber >> 4);
  return &buckets[(hash ^ (hash >> 8) ^ (hash >> 16)) % BUCKETS];
}

struct holder *credirect_holder(const void *address) {
  if (held == 0) return NULL;
  struct holder *one = *bucket(address, 0);
  while (one != NULL && !(one->address == address && one->is_exclusive)) one = one->next;
  return one;
}

struct holder *credirect_holder_by(const void *address, uintptr_t fiber) {
  if (held == 0) return NULL;
  struct holder *one = *bucket(address, fiber);
  while (one != NULL && !(one->address == address && one->fiber == fiber && !one->is_exclusive)) one = one->next;
  return one;
}

static struct holder *add(struct holder **list, const void *address, uintptr_t fiber, bool is_exclusive) {
  struct holder *made = unused;
  if (made != NULL) unused = made->next;
  else made = malloc(sizeof *made);
  if (made == NULL) return NULL;
  *made = (struct holder){address, fiber, 1, is_exclusive, *list};
  *list = made;
  held++;
  return made;
}

struct holder *credirect_hold(const void *address, uintptr_t fiber) {
  return add(bucket(address, 0), address, fiber, true);
}

struct holder *credirect_hold_by(const void *address, uintptr_t fiber) {
  return add(bucket(address, fiber), address, fiber, false);
}

void credirect_let_go(struct holder *holder) {
  struct holder **link = bucket(holder->address, holder->is_exclusive ? 0 : holder->fiber);
  while (*link != holder) link = &(*link)->next;
  *link = holder->next;
  holder->next = unused;
  unused = holder;
  held--;
}

uint64_t credirect_holder_number(const void *address, unsigned index) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table == NULL || held == 0) return 0;
  for (unsigned i = 0; i < BUCKETS; i++) {
    for (struct holder *one = buckets[i]; one != NULL; one = one->next) {
      if (one->address == address && index-- == 0) return table->number_of(one->fiber);
    }
  }
  return 0;
}

bool credirect_holds_anything(void) { return held > 0; }

void credirect_refuse_callback(const char *object, uint64_t number) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table != NULL && number != 0) table->refuse_callback(object, (uint32_t)number & ((1u << 30) - 1));
}
