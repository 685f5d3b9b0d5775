// Fibers that wait for a lock or a once-token, known by its address.

#include "redirect.h"

#include <limits.h>

#define BUCKETS 256

// How many fibers are parked, by a hash of the address: what an unlock looks at before it asks the table.
static _Atomic unsigned parked[BUCKETS];

// The lock whose unlock woke a fiber that has not had its turn yet, by the same hash.
static _Atomic(const void *) handed[BUCKETS];

// A forked child has no fiber that is parked.
void credirect_forget_parked(void) {
  for (int i = 0; i < BUCKETS; i++) {
    atomic_store_explicit(&parked[i], 0, memory_order_relaxed);
    atomic_store_explicit(&handed[i], NULL, memory_order_relaxed);
  }
}

static unsigned bucket_of(const void *address) {
  uintptr_t hash = (uintptr_t)address >> 3;
  return (hash ^ (hash >> 8) ^ (hash >> 16)) % BUCKETS;
}

static _Atomic unsigned *bucket(const void *address) { return &parked[bucket_of(address)]; }

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
  _Atomic unsigned *count = bucket(wait->address);
  atomic_fetch_add(count, 1);
  // Locks tell of errors by what they return, and leave errno alone: malloc takes some.
  int saved = errno;
  int error = table->wait_for_object(&told, validate, context, until);
  errno = saved;
  atomic_fetch_sub(count, 1);
  // Whoever was woken has its turn now.
  const void *address = wait->address;
  atomic_compare_exchange_strong(&handed[bucket_of(address)], &address, NULL);
  return error == EAGAIN && until < deadline ? 0 : error;
}

// The table where a fiber may be parked under the address, else NULL.
static const credirect_table *table_if_parked(const void *address) {
  // The unlock before this must be seen by a fiber that counts itself now, or its count be seen here.
  atomic_thread_fence(memory_order_seq_cst);
  if (atomic_load_explicit(bucket(address), memory_order_relaxed) == 0) return NULL;
  return atomic_load_explicit(&credirect_current, memory_order_acquire);
}

bool credirect_unpark(const void *address, bool all) {
  const credirect_table *table = table_if_parked(address);
  if (table == NULL) return false;
  int saved = errno;
  bool is_woken = table->unpark(address, all) > 0;
  if (is_woken) atomic_store_explicit(&handed[bucket_of(address)], address, memory_order_relaxed);
  errno = saved;
  return is_woken;
}

void credirect_let_woken_first(const credirect_table *table, const void *address) {
  _Atomic(const void *) *mark = &handed[bucket_of(address)];
  if (atomic_load_explicit(mark, memory_order_relaxed) != address) return;
  atomic_store_explicit(mark, NULL, memory_order_relaxed);
  int saved = errno;
  table->give_way();
  errno = saved;
}

size_t credirect_unpark_several(const void *address, size_t most) {
  const credirect_table *table = table_if_parked(address);
  if (table == NULL) return 0;
  int saved = errno;
  size_t woken = 0;
  if (most >= INT_MAX) woken = table->unpark(address, true);
  else while (woken < most && table->unpark(address, false) > 0) woken++;
  errno = saved;
  return woken;
}
