// The calls that close or replace a descriptor: close(2), dup2(2), dup3(2), fclose(3), freopen(3); for ranges of them see
// closing_ranges.c.
//
// They must be seen, on every thread, because the loop keeps watching a descriptor between two waits.

#define FAMILY GREEN_STREAMS
#include "streams.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stdio_ext.h>
#include <unistd.h>

REAL(close)
REAL(dup2)
REAL(dup3)
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
