// Which fibers of this thread hold which locks: what glibc, which knows threads, cannot tell, and what reports of
// deadlocks name.

#include "redirect.h"

#include <stdlib.h>

// Few: what lies in the static block of thread-local memory is scarce where a program loads libgreen when it runs.
#define BUCKETS 32

// A fiber never changes its thread, so that these need no lock.
OF_THREAD struct holder credirect_noted_of_thread;
OF_THREAD size_t credirect_listed_of_thread;
static OF_THREAD struct holder *buckets_of_thread[BUCKETS];
static OF_THREAD struct holder *unused_of_thread;
#define buckets GREEN_OF_THREAD(buckets_of_thread)
#define unused GREEN_OF_THREAD(unused_of_thread)

// Of a lock that one may hold the fiber is not looked at.
static struct holder **bucket(const void *address, uintptr_t fiber, bool is_exclusive) {
  uintptr_t hash = ((uintptr_t)address >> 3) ^ (is_exclusive ? 0 : fiber >> 4);
  return &buckets[(hash ^ (hash >> 8) ^ (hash >> 16)) % BUCKETS];
}

static bool is_part(const struct holder *one, const void *address, uintptr_t fiber, bool is_exclusive) {
  return one->address == address && one->is_exclusive == is_exclusive && (is_exclusive || one->fiber == fiber);
}

struct holder *credirect_find_listed(const void *address, uintptr_t fiber, bool is_exclusive) {
  struct holder *one = *bucket(address, fiber, is_exclusive);
  while (one != NULL && !is_part(one, address, fiber, is_exclusive)) one = one->next;
  return one;
}

struct holder *credirect_list(const void *address, uintptr_t fiber, bool is_exclusive) {
  struct holder **list = bucket(address, fiber, is_exclusive);
  struct holder *made = unused;
  if (made != NULL) unused = made->next;
  else made = malloc(sizeof *made);
  if (made == NULL) return NULL;
  *made = (struct holder){address, fiber, 1, is_exclusive, *list};
  *list = made;
  credirect_listed++;
  return made;
}

void credirect_unlist(struct holder *holder) {
  struct holder **link = bucket(holder->address, holder->fiber, holder->is_exclusive);
  while (*link != holder) link = &(*link)->next;
  *link = holder->next;
  holder->next = unused;
  unused = holder;
  credirect_listed--;
}

uint64_t credirect_holder_number(const void *address, unsigned index) {
  if (credirect_noted.address == address && index-- == 0) return cfiber_id_of(credirect_noted.fiber);
  if (credirect_listed == 0) return 0;
  for (unsigned i = 0; i < BUCKETS; i++) {
    for (struct holder *one = buckets[i]; one != NULL; one = one->next) {
      if (one->address == address && index-- == 0) return cfiber_id_of(one->fiber);
    }
  }
  return 0;
}

void credirect_refuse_callback(const char *object, uint64_t number) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table != NULL && number != 0) table->refuse_callback(object, (uint32_t)number & ((1u << 30) - 1));
}
