// FUTEX_WAIT and FUTEX_WAKE: a fiber waits under the word's address, threads wait in the kernel, and a wake is for both.
//
// A wake for nothing is allowed by futex(2), which every use of it must bear. Nothing but its time ends a fiber's wait:
// libraries know no error for a cancellation, and end the process on one that they do not know.

#include "futex.h"

#include <limits.h>
#include <linux/futex.h>

struct comparison {
  const _Atomic uint32_t *word;
  uint32_t value;
  bool was_equal;
};

static bool is_equal(void *context) {
  struct comparison *comparison = context;
  comparison->was_equal = atomic_load(comparison->word) == comparison->value;
  return comparison->was_equal;
}

// What is wrong with the arguments the kernel says best.
static bool is_valid(const struct futex_call *call) {
  if (call->word == NULL || (uintptr_t)call->word % sizeof(uint32_t) != 0) return false;
  if ((call->operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && call->value3 == 0) return false;
  return call->time == NULL || is_valid_time(call->time);
}

static int64_t deadline_of(const struct futex_call *call) {
  if (call->time == NULL) return NEVER;
  if ((call->operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
    return deadline_after(nanoseconds_of(call->time->tv_sec, call->time->tv_nsec));
  }
  bool is_real_time = (call->operation & FUTEX_CLOCK_REALTIME) != 0;
  return credirect_deadline(is_real_time ? CLOCK_REALTIME : CLOCK_MONOTONIC, call->time);
}

long credirect_futex_wait(const credirect_table *table, const struct futex_call *call) {
  if (table == NULL || !is_valid(call)) return credirect_real_futex(call);
  struct comparison comparison = {call->word, call->value, false};
  const credirect_object_wait wait = {.address = (const void *)call->word, .name = "the futex"};
  // Another process's wake is not seen: after 16 ms the fiber wakes for nothing.
  unsigned pause = 4;
  bool is_private = (call->operation & FUTEX_PRIVATE_FLAG) != 0;
  int64_t deadline = deadline_of(call);
  int error = credirect_wait_for(table, &wait, is_equal, &comparison, deadline, is_private ? NULL : &pause);
  if (!comparison.was_equal) return fail(EAGAIN);
  return error == EAGAIN ? fail(ETIMEDOUT) : 0;
}

// Wakes up to `most` fibers, or none from a signal handler, which may have interrupted the very lists.
static int wake_fibers(const void *word, int most) {
  return most <= 0 || credirect_in_handler() ? 0 : (int)credirect_unpark_several(word, (size_t)most);
}

// Of a wake for some bits only, which hardly anybody uses, the fibers find out themselves whether it was for them.
static bool is_for_all(const struct futex_call *call) {
  bool has_bits = (call->operation & FUTEX_CMD_MASK) == FUTEX_WAKE_BITSET;
  return has_bits && call->value3 != FUTEX_BITSET_MATCH_ANY;
}

long credirect_futex_wake(const struct futex_call *call) {
  long result = credirect_real_futex(call);
  if (result < 0) return result;
  // The kernel takes the number as an int, and wakes one where that is not above zero.
  int most = (int)call->value > 0 ? (int)call->value : 1;
  if (is_for_all(call)) most = INT_MAX;
  return result + wake_fibers((const void *)call->word, result < most ? most - (int)result : 0);
}

// FUTEX_REQUEUE and FUTEX_WAKE_OP, of words which fibers wait for: those are woken and look.
long credirect_futex_move(const struct futex_call *call) {
  long result = credirect_real_futex(call);
  if (result < 0) return result;
  wake_fibers((const void *)call->word, INT_MAX);
  if ((call->operation & FUTEX_CMD_MASK) == FUTEX_WAKE_OP) wake_fibers(call->word2, INT_MAX);
  return result;
}
