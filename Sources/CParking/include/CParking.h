#ifndef CPARKING_H
#define CPARKING_H

// Lists of those who wait for something known by its address.
//
// In C, and without allocation, lazy initialisation or a pthread mutex, because locks are built on it: the allocator,
// the Swift runtime and the redirected pthread mutexes all may be in use below the call that comes here.

#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/single_threaded.h>

// A lock held for a few instructions, never over a wait: 0 free, 1 held, 2 held and awaited (Drepper: Futexes Are
// Tricky, 2011, mutex 2). While the process has one thread it costs a load and a store.
void cparking_lock_contended(uint32_t *lock);
void cparking_unlock_contended(uint32_t *lock);
static inline void cparking_lock(uint32_t *lock) {
  uint32_t expected = 0;
  if (__libc_single_threaded) {
    *lock = 1;
  } else if (!__atomic_compare_exchange_n(lock, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    cparking_lock_contended(lock);
  }
}
static inline void cparking_unlock(uint32_t *lock) {
  if (__libc_single_threaded) {
    *lock = 0;
  } else if (__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE) == 2) {
    cparking_unlock_contended(lock);
  }
}

// The atomic operations of the locks above. An exchange acquires and releases; the others are relaxed except for the store
// of a 32-bit word, which releases.
static inline bool cparking_compare_exchange(uint32_t *word, uint32_t expected, uint32_t desired) {
  if (__libc_single_threaded) {
    if (*word != expected) return false;
    *word = desired;
    return true;
  }
  return __atomic_compare_exchange_n(word, &expected, desired, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}
static inline uint32_t cparking_load32(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline void cparking_store32(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
static inline uint64_t cparking_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline void cparking_store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }

// How many forks lie between the first process and this one: those who waited before the last of them are not here.
extern uint32_t cparking_fork_count __attribute__((visibility("hidden")));
static inline uint32_t cparking_forks(void) { return cparking_fork_count; }

// One who waits. It lies on the stack of the fiber or thread that waits, which stands still until it is woken.
typedef struct cparking_waiter {
  const void *address;
  struct cparking_waiter *next;
  void *hub;       // a fiber's hub; NULL for a plain thread
  void *fiber;
  bool is_woken;   // set and read on the hub's thread only
  sem_t semaphore; // a plain thread's; posted when it is woken
} cparking_waiter;

// Queues the waiter if validate(context) holds once nobody else can change the queue. Returns whether it was queued.
bool cparking_enter(cparking_waiter *waiter, bool (*validate)(void *context), void *context);
// Takes the waiter out again. False when a waker has taken it out: then its wake is on the way.
bool cparking_leave(cparking_waiter *waiter);
// Whether one of a hub's fibers waits under the address.
bool cparking_has_of(const void *address, const void *hub);
// Takes out those who wait under the address, the first or all, in the order in which they came.
cparking_waiter *cparking_take(const void *address, bool all);
// Takes out the first, and tells `decide`, before the queue can change, whether there was one and whether more wait.
cparking_waiter *cparking_take_one(const void *address, void (*decide)(void *context, bool is_woken, bool has_more),
                                   void *context);

#endif
