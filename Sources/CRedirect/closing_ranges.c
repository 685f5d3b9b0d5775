// close_range(2), closefrom(3): what closing.c does for one descriptor, for many.

#include "redirect.h"

#include <linux/close_range.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

REAL(close_range)
REAL(closefrom)

// "All from 3" is a common range, and numbers run to a thousand million: only those that matter are looked at.
static unsigned last_watched(unsigned last) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  int highest = table == NULL ? -1 : table->highest_watched();
  unsigned end = highest < 0 ? 0 : (unsigned)highest;
  return end < last ? end : last;
}

// Which of a range were watched before the close, a bit each: their hubs are told after it. Beyond these all count as watched.
#define MOST_BITS 65536u
struct range {
  unsigned first, last;
  unsigned end; // of those that matter
  uint64_t *bits;
};

static size_t words_of(unsigned first, unsigned end) {
  unsigned most = first > end ? 0 : end - first;
  return (most < MOST_BITS ? most : MOST_BITS - 1) / 64 + 1;
}

static void closing_range(const struct range *range) {
  credirect_forget_slots(range->first, range->last);
  for (unsigned fd = range->first; fd <= range->end; fd++) {
    unsigned place = fd - range->first;
    bool was_watched = credirect_descriptor_closing((int)fd);
    if (was_watched && place < MOST_BITS) range->bits[place / 64] |= (uint64_t)1 << place % 64;
  }
}

static bool was_watched_in(const struct range *range, unsigned fd) {
  unsigned place = fd - range->first;
  if (fd > range->end || place >= MOST_BITS) return fd <= range->end;
  return (range->bits[place / 64] >> place % 64 & 1) != 0;
}

static void closed_range(const struct range *range) {
  // Others may have come meanwhile.
  unsigned end = last_watched(range->last);
  for (unsigned fd = range->first; fd <= end; fd++) credirect_descriptor_closed((int)fd, was_watched_in(range, fd));
  credirect_forget_kinds(range->first, range->last);
}

static int close_each(unsigned first, unsigned last, int flags) {
  __typeof__(close_range) *real = real_close_range();
  return real != NULL ? real(first, last, flags) : (int)syscall(SYS_close_range, first, last, flags);
}

// `real`: close_each, or what takes no end.
static int close_and_tell(unsigned first, unsigned last, int flags, int (*real)(unsigned, unsigned, int)) {
  // Others run meanwhile, and may begin to wait for descriptors of the range.
  if (flags == 0) credirect_close_lingering(first, last);
  unsigned end = last_watched(last);
  uint64_t bits[words_of(first, end)];
  memset(bits, 0, sizeof bits);
  const struct range range = {first, last, end, bits};
  closing_range(&range);
  int result = real(first, last, flags);
  closed_range(&range);
  return result;
}

REDIRECTED int close_range(unsigned first, unsigned last, int flags) {
  bool closes = (flags & ~CLOSE_RANGE_UNSHARE) == 0 && first <= last;
  return closes ? close_and_tell(first, last, flags, close_each) : close_each(first, last, flags);
}

static int close_from(unsigned first, unsigned last, int flags) {
  (void)last, (void)flags;
  real_closefrom()((int)first);
  return 0;
}

REDIRECTED void closefrom(int first) { close_and_tell(first < 0 ? 0 : (unsigned)first, ~0u, 0, close_from); }
