#define _GNU_SOURCE
#include "CParking.h"

#include <CFork.h>
#include <linux/futex.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BUCKETS 64

typedef struct {
  _Alignas(64) uint32_t lock;
  cparking_waiter *first;
  cparking_waiter *last;
} bucket;

static bucket buckets[BUCKETS];
uint32_t cparking_fork_count;

// In a forked child nobody waits, and who held a lock of these may not be there: the caller of fork is the only thread.
static void forget_all(void) {
  memset(buckets, 0, sizeof buckets);
  cparking_fork_count++;
}

__attribute__((constructor)) static void set_fork_handler(void) {
  cfork_set(CFORK_PARKING, (cfork_handlers){.in_child = forget_all});
}

// futex(2) itself: the program may have a syscall(2) with which fibers wait, and they wait with these lists.
static void futex(uint32_t *word, long operation, long value) {
#if defined(__x86_64__)
  long result;
  register void *time __asm__("r10") = NULL;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"((long)SYS_futex), "D"(word), "S"(operation), "d"(value), "r"(time)
                   : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number __asm__("x8") = SYS_futex;
  register uint32_t *first __asm__("x0") = word;
  register long second __asm__("x1") = operation, third __asm__("x2") = value;
  register void *fourth __asm__("x3") = NULL;
  __asm__ volatile("svc 0" : "+r"(first) : "r"(number), "r"(second), "r"(third), "r"(fourth) : "memory");
#else
  syscall(SYS_futex, word, operation, value, NULL);
#endif
}

void cparking_lock_contended(uint32_t *lock) {
  while (__atomic_exchange_n(lock, 2, __ATOMIC_ACQUIRE) != 0) futex(lock, FUTEX_WAIT_PRIVATE, 2);
}

void cparking_unlock_contended(uint32_t *lock) { futex(lock, FUTEX_WAKE_PRIVATE, 1); }

static bucket *lock_bucket(const void *address) {
  uintptr_t hash = (uintptr_t)address >> 3;
  bucket *found = &buckets[(hash ^ (hash >> 6) ^ (hash >> 12)) % BUCKETS];
  cparking_lock(&found->lock);
  return found;
}

static void unlock_bucket(bucket *held) { cparking_unlock(&held->lock); }

// Takes out one that is equal to `waiter`, or where that is NULL the first under the address.
static cparking_waiter *take(bucket *held, const void *address, const cparking_waiter *waiter) {
  cparking_waiter *previous = NULL;
  for (cparking_waiter *one = held->first; one != NULL; previous = one, one = one->next) {
    if (waiter != NULL ? one != waiter : one->address != address) continue;
    if (previous != NULL) previous->next = one->next;
    else held->first = one->next;
    if (held->last == one) held->last = previous;
    one->next = NULL;
    return one;
  }
  return NULL;
}

static bool has_any(const bucket *held, const void *address) {
  for (const cparking_waiter *one = held->first; one != NULL; one = one->next) {
    if (one->address == address) return true;
  }
  return false;
}

bool cparking_enter(cparking_waiter *waiter, bool (*validate)(void *), void *context) {
  bucket *held = lock_bucket(waiter->address);
  bool is_valid = validate(context);
  if (is_valid) {
    waiter->next = NULL;
    if (held->last != NULL) held->last->next = waiter;
    else held->first = waiter;
    held->last = waiter;
  }
  unlock_bucket(held);
  return is_valid;
}

bool cparking_leave(cparking_waiter *waiter) {
  bucket *held = lock_bucket(waiter->address);
  bool was_queued = take(held, waiter->address, waiter) != NULL;
  unlock_bucket(held);
  return was_queued;
}

bool cparking_has_of(const void *address, const void *hub) {
  bucket *held = lock_bucket(address);
  const cparking_waiter *one = held->first;
  while (one != NULL && !(one->address == address && one->hub == hub)) one = one->next;
  unlock_bucket(held);
  return one != NULL;
}

cparking_waiter *cparking_take(const void *address, bool all) {
  bucket *held = lock_bucket(address);
  cparking_waiter *first = take(held, address, NULL);
  for (cparking_waiter *last = first; all && last != NULL; last = last->next) last->next = take(held, address, NULL);
  unlock_bucket(held);
  return first;
}

cparking_waiter *cparking_take_one(const void *address, void (*decide)(void *, bool, bool), void *context) {
  bucket *held = lock_bucket(address);
  cparking_waiter *first = take(held, address, NULL);
  decide(context, first != NULL, has_any(held, address));
  unlock_bucket(held);
  return first;
}
