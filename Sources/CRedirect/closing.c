// The calls that close or replace a descriptor: close(2), dup2(2), dup3(2), close_range(2), closefrom(3), fclose(3),
// freopen(3).
//
// They must be seen, on every thread, because the loop keeps watching a descriptor between two waits.

#define FAMILY GREEN_STREAMS
#include "streams.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <mqueue.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

REAL(close)
REAL(dup2)
REAL(dup3)
REAL(close_range)
REAL(closefrom)
REAL(fclose)
REAL(freopen)
REAL(freopen64)
REAL(fcntl)
REAL(mq_close)

static const credirect_table *table_if_any(void) {
  return atomic_load_explicit(&credirect_current, memory_order_acquire);
}

bool credirect_descriptor_closing(int fd) {
  const credirect_table *table = table_if_any();
  int saved = errno;
  bool was_watched = table != NULL && fd >= 0 && table->closing(fd);
  if (fd >= 0) credirect_forget_slots((unsigned)fd, (unsigned)fd);
  credirect_forget_kind(fd);
  errno = saved;
  return was_watched;
}

void credirect_descriptor_closed(int fd, bool was_watched) {
  const credirect_table *table = table_if_any();
  int saved = errno;
  if (table != NULL && fd >= 0) table->closed(fd, was_watched);
  // Another thread may have looked at what is gone since.
  credirect_forget_kind(fd);
  errno = saved;
}

// ---- One descriptor -----------------------------------------------------------------------------------------------

// Whether dup2 would replace `new` by `old`: it leaves `new` alone when `old` is not open.
static bool replaces(int old, int new) { return old != new && new >= 0 && real_fcntl()(old, F_GETFD) >= 0; }

REDIRECTED int close(int fd) {
  int copy = credirect_copy_to_linger(fd);
  bool was_watched = credirect_descriptor_closing(fd);
  int result = real_close()(fd);
  credirect_descriptor_closed(fd, was_watched);
  credirect_linger(copy);
  return result;
}

REDIRECTED int dup2(int old, int new) {
  if (!replaces(old, new)) return real_dup2()(old, new);
  int copy = credirect_copy_to_linger(new);
  bool was_watched = credirect_descriptor_closing(new);
  int result = real_dup2()(old, new);
  credirect_descriptor_closed(new, was_watched);
  credirect_linger(copy);
  return result;
}

REDIRECTED int dup3(int old, int new, int flags) {
  if (!replaces(old, new) || (flags & ~O_CLOEXEC) != 0) return real_dup3()(old, new, flags);
  int copy = credirect_copy_to_linger(new);
  bool was_watched = credirect_descriptor_closing(new);
  int result = real_dup3()(old, new, flags);
  credirect_descriptor_closed(new, was_watched);
  credirect_linger(copy);
  return result;
}

// A queue of POSIX is a descriptor in Linux.
REDIRECTED int mq_close(mqd_t queue) {
  bool was_watched = credirect_descriptor_closing(queue);
  int result = real_mq_close()(queue);
  credirect_descriptor_closed(queue, was_watched);
  return result;
}

// ---- Ranges -------------------------------------------------------------------------------------------------------

// "All from 3" is a common range, and numbers run to a thousand million: only those that matter are looked at.
static unsigned last_watched(unsigned last) {
  const credirect_table *table = table_if_any();
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

REDIRECTED int close_range(unsigned first, unsigned last, int flags) {
  bool closes = (flags & ~CLOSE_RANGE_UNSHARE) == 0 && first <= last;
  if (!closes) return close_each(first, last, flags);
  if (flags == 0) credirect_close_lingering(first, last);
  unsigned end = last_watched(last);
  uint64_t bits[words_of(first, end)];
  memset(bits, 0, sizeof bits);
  const struct range range = {first, last, end, bits};
  closing_range(&range);
  int result = close_each(first, last, flags);
  closed_range(&range);
  return result;
}

REDIRECTED void closefrom(int first) {
  unsigned low = first < 0 ? 0 : (unsigned)first, end = last_watched(~0u);
  uint64_t bits[words_of(low, end)];
  memset(bits, 0, sizeof bits);
  const struct range range = {low, ~0u, end, bits};
  credirect_close_lingering(low, ~0u);
  closing_range(&range);
  real_closefrom()(first);
  closed_range(&range);
}

// ---- Streams of stdio ---------------------------------------------------------------------------------------------

static int descriptor_of(FILE *stream) {
  int saved = errno;
  int fd = stream == NULL ? -1 : fileno(stream);
  errno = saved;
  return fd;
}

// libc's own flush is not redirected and would block the thread.
static int flush(FILE *stream, int fd) {
  if (fd < 0 || fiber_table() == NULL) return 0;
  int result = fflush(stream);
  int saved = errno;
  // What could not be written because the fiber is to end is not waited for by the real call either.
  if (result != 0) __fpurge(stream);
  errno = saved;
  return result;
}

// The stream's lock goes with it, also where the fiber has locked it: the next stream may lie at the same address.
static int close_for_good(FILE *stream) {
  credirect_forget_set(stream);
  int result = real_fclose()(stream);
  struct holder *holder = credirect_holder(stream);
  if (holder != NULL) credirect_let_go(holder);
  return result;
}

REDIRECTED int fclose(FILE *stream) {
  int fd = descriptor_of(stream);
  // One without a descriptor is written and closed by functions of the program (fopencookie(3)), which may wait: nobody comes
  // in until it is gone.
  const credirect_table *table = fd < 0 && stream != NULL ? fiber_table() : NULL;
  if (table != NULL) credirect_lock_stream(table, stream);
  int flushed = flush(stream, fd);
  int error = errno;
  int copy = credirect_copy_to_linger(fd);
  bool was_watched = credirect_descriptor_closing(fd);
  int result = close_for_good(stream);
  credirect_descriptor_closed(fd, was_watched);
  credirect_linger(copy);
  if (flushed == 0 || result != 0) return result;
  errno = error;
  return EOF;
}

static FILE *reopen(__typeof__(freopen) *real, const char *path, const char *mode, FILE *stream) {
  int side = credirect_open_fifo_for(path, mode);
  if (side == -2) {
    // It closes the stream also where it fails.
    int error = errno;
    if (stream != NULL) fclose(stream);
    errno = error;
    return NULL;
  }
  int fd = descriptor_of(stream);
  flush(stream, fd);
  int copy = credirect_copy_to_linger(fd);
  bool was_watched = credirect_descriptor_closing(fd);
  credirect_forget_set(stream);
  FILE *result = real(path, mode, stream);
  int saved = errno;
  credirect_descriptor_closed(fd, was_watched);
  credirect_linger(copy);
  if (side >= 0) real_close()(side);
  errno = saved;
  return result;
}

REDIRECTED FILE *freopen(const char *path, const char *mode, FILE *stream) {
  return reopen(real_freopen(), path, mode, stream);
}

REDIRECTED FILE *freopen64(const char *path, const char *mode, FILE *stream) {
  return reopen(real_freopen64(), path, mode, stream);
}

ALIAS(close, __close)
ALIAS(dup2, __dup2)
ALIAS(fclose, _IO_fclose)
