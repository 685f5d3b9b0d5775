// Where Swift's errors were thrown. The runtime calls the function in _swift_willThrow before each throw (swift/Runtime/Error.h).

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CInspectThrown.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unwind.h>

typedef void (*will_throw)(void *error);

// Weak: programs in C have none of these.
extern _Atomic(will_throw) _swift_willThrow __attribute__((weak));
extern void *swift_errorRetain(void *error) __attribute__((weak));
extern void swift_errorRelease(void *error) __attribute__((weak));

#define KEPT 64

struct thrown {
  void *error;
  size_t count;
  uintptr_t addresses[CINSPECT_THROWN_CALLS];
};

static struct thrown kept[KEPT];
static size_t next;
// Held for the copying of addresses only, and never while a fiber may be switched.
static atomic_flag lock = ATOMIC_FLAG_INIT;
static will_throw before;

static void enter(void) {
  while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {}
}

static void leave(void) { atomic_flag_clear_explicit(&lock, memory_order_release); }

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *argument) {
  struct thrown *thrown = argument;
  uintptr_t address = (uintptr_t)_Unwind_GetIP(context);
  if (address == 0 || thrown->count == CINSPECT_THROWN_CALLS) return _URC_END_OF_STACK;
  thrown->addresses[thrown->count++] = address;
  return _URC_NO_REASON;
}

static struct thrown *find(const void *error) {
  for (size_t i = 0; i < KEPT; i++) {
    if (kept[i].error == error) return &kept[i];
  }
  return NULL;
}

static void note(void *error) {
  if (before) before(error);
  enter();
  // One that is thrown again has its first place.
  bool is_known = find(error) != NULL;
  leave();
  if (is_known) return;
  struct thrown thrown = {.error = error};
  _Unwind_Backtrace(visit, &thrown);
  // While it is kept, no other error has its address.
  swift_errorRetain(error);
  enter();
  struct thrown *place = &kept[next++ % KEPT];
  void *old = place->error;
  *place = thrown;
  leave();
  if (old) swift_errorRelease(old);
}

void cinspect_thrown_watch(void) {
  static atomic_flag begun = ATOMIC_FLAG_INIT;
  if (!&_swift_willThrow || !swift_errorRetain || !swift_errorRelease || atomic_flag_test_and_set(&begun)) return;
  before = atomic_load(&_swift_willThrow);
  atomic_store(&_swift_willThrow, note);
}

size_t cinspect_thrown_calls(const void *error, uintptr_t *addresses, size_t capacity) {
  enter();
  const struct thrown *thrown = find(error);
  size_t count = thrown ? thrown->count : 0;
  if (count > capacity) count = capacity;
  if (count) memcpy(addresses, thrown->addresses, count * sizeof *addresses);
  leave();
  return count;
}
