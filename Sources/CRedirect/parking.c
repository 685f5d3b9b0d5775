// Fibers that wait for a lock or a once-token, known by its address.

#include "redirect.h"

#include <limits.h>

_Atomic unsigned credirect_parked[GREEN_PARKING_BUCKETS];
_Atomic(const void *) credirect_handed[GREEN_PARKING_BUCKETS];

// A forked child has no fiber that is parked.
void credirect_forget_parked(void) {
  for (int i = 0; i < GREEN_PARKING_BUCKETS; i++) {
    atomic_store_explicit(&credirect_parked[i], 0, memory_order_relaxed);
    atomic_store_explicit(&credirect_handed[i], NULL, memory_order_relaxed);
  }
}

int credirect_park(const credirect_table *table, const void *address, bool (*validate)(void *), void *context,
               int64_t deadline, unsigned *recheck) {
  credirect_object_wait wait = {.address = address, .name = "the lock"};
  return credirect_wait_for(table, &wait, validate, context, deadline, recheck);
}

int credirect_wait_for(const credirect_table *table, const credirect_object_wait *wait, bool (*validate)(void *),
                   void *context, int64_t deadline, unsigned *recheck) {
  credirect_object_wait told = *wait;
  told.is_endless = deadline == NEVER;
  told.is_again = recheck != NULL && *recheck > 0;
  int64_t until = deadline;
  if (recheck != NULL) {
    // 1 ms at first, then longer: the ordinary unlock is seen at once, this is for those made inside libc.
    int64_t next = deadline_after((int64_t)1000000 << *recheck);
    if (*recheck < 6) *recheck += 1;
    if (next < until) until = next;
  }
  unsigned bucket = credirect_parking_bucket(wait->address);
  _Atomic unsigned *count = &credirect_parked[bucket];
  atomic_fetch_add(count, 1);
  // Locks tell of errors by what they return, and leave errno alone: malloc takes some.
  int saved = errno;
  int error = table->wait_for_object(&told, validate, context, until);
  errno = saved;
  atomic_fetch_sub(count, 1);
  // Whoever was woken has its turn now.
  const void *address = wait->address;
  atomic_compare_exchange_strong(&credirect_handed[bucket], &address, NULL);
  return error == EAGAIN && until < deadline ? 0 : error;
}

bool credirect_unpark_any(const void *address, bool all) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table == NULL) return false;
  int saved = errno;
  bool is_woken = table->unpark(address, all) > 0;
  if (is_woken) {
    atomic_store_explicit(&credirect_handed[credirect_parking_bucket(address)], address, memory_order_relaxed);
  }
  errno = saved;
  return is_woken;
}

void credirect_give_way_to_woken(const credirect_table *table, const void *address) {
  atomic_store_explicit(&credirect_handed[credirect_parking_bucket(address)], NULL, memory_order_relaxed);
  int saved = errno;
  table->give_way();
  errno = saved;
}

size_t credirect_unpark_several(const void *address, size_t most) {
  if (!credirect_is_awaited(address)) return 0;
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table == NULL) return 0;
  int saved = errno;
  size_t woken = 0;
  if (most >= INT_MAX) woken = table->unpark(address, true);
  else while (woken < most && table->unpark(address, false) > 0) woken++;
  errno = saved;
  return woken;
}
