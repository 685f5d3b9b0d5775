// The calls that close or replace a descriptor: close(2), dup2(2), dup3(2), close_range(2), closefrom(3), fclose(3),
// freopen(3).
//
// They must be seen, on every thread, because the loop keeps watching a descriptor between two waits.

#define FAMILY GREEN_STREAMS
#include "redirect.h"

#include "cglibc_sockets.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/socket.h>
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
REAL(setsockopt)

static const green_redirect_table *table_if_any(void) {
  return atomic_load_explicit(&green_redirect_current, memory_order_acquire);
}

static bool closing(int fd) {
  const green_redirect_table *table = table_if_any();
  int saved = errno;
  bool was_watched = table != NULL && fd >= 0 && table->closing(fd);
  green_forget_kind(fd);
  errno = saved;
  return was_watched;
}

static void closed(int fd, bool was_watched) {
  const green_redirect_table *table = table_if_any();
  int saved = errno;
  if (table != NULL && fd >= 0) table->closed(fd, was_watched);
  // Another thread may have looked at what is gone since.
  green_forget_kind(fd);
  errno = saved;
}

// ---- SO_LINGER ----------------------------------------------------------------------------------------------------
//
// The last close of a socket may wait until its data has arrived: then that is the close of a copy, by another thread.

REDIRECTED int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
  int result = real_setsockopt()(fd, level, name, value, length);
  if (result == 0) cglibc_note_linger(level, name, value, length);
  return result;
}

static int copy_to_linger(int fd) {
  return fd >= 0 && family_table(GREEN_SOCKETS) != NULL ? cglibc_lingering_copy(fd) : -1;
}

static void close_copy(void *copy) { real_close()((int)(intptr_t)copy); }

static void keep(void *copy) { (void)copy; }

// The fiber waits as long as the kernel would; when it is cancelled, only the thread does.
static void linger(int copy) {
  if (copy < 0) return;
  const green_redirect_table *table = family_table(GREEN_SOCKETS);
  void *context = (void *)(intptr_t)copy;
  int saved = errno;
  int error = table != NULL ? table->offload_droppable(close_copy, context, keep) : EAGAIN;
  // Without a thread, here.
  if (error != 0 && error != ECANCELED && error != ETIMEDOUT) close_copy(context);
  errno = saved;
}

// ---- One descriptor -----------------------------------------------------------------------------------------------

// Whether dup2 would replace `new` by `old`: it leaves `new` alone when `old` is not open.
static bool replaces(int old, int new) { return old != new && new >= 0 && real_fcntl()(old, F_GETFD) >= 0; }

REDIRECTED int close(int fd) {
  int copy = copy_to_linger(fd);
  bool was_watched = closing(fd);
  int result = real_close()(fd);
  closed(fd, was_watched);
  linger(copy);
  return result;
}

REDIRECTED int dup2(int old, int new) {
  if (!replaces(old, new)) return real_dup2()(old, new);
  int copy = copy_to_linger(new);
  bool was_watched = closing(new);
  int result = real_dup2()(old, new);
  closed(new, was_watched);
  linger(copy);
  return result;
}

REDIRECTED int dup3(int old, int new, int flags) {
  if (!replaces(old, new) || (flags & ~O_CLOEXEC) != 0) return real_dup3()(old, new, flags);
  int copy = copy_to_linger(new);
  bool was_watched = closing(new);
  int result = real_dup3()(old, new, flags);
  closed(new, was_watched);
  linger(copy);
  return result;
}

// ---- Ranges -------------------------------------------------------------------------------------------------------

// "All from 3" is a common range, and numbers run to a thousand million: only those that matter are looked at.
static unsigned last_watched(unsigned last) {
  const green_redirect_table *table = table_if_any();
  int highest = table == NULL ? -1 : table->highest_watched();
  unsigned end = highest < 0 ? 0 : (unsigned)highest;
  return end < last ? end : last;
}

static void closing_range(unsigned first, unsigned last) {
  unsigned end = last_watched(last);
  for (unsigned fd = first; fd <= end; fd++) closing((int)fd);
}

static void closed_range(unsigned first, unsigned last) {
  unsigned end = last_watched(last);
  for (unsigned fd = first; fd <= end; fd++) closed((int)fd, false);
  green_forget_kinds(first, last);
}

REDIRECTED int close_range(unsigned first, unsigned last, int flags) {
  bool closes = (flags & ~CLOSE_RANGE_UNSHARE) == 0 && first <= last;
  if (closes) closing_range(first, last);
  __typeof__(close_range) *real = real_close_range();
  int result = real != NULL ? real(first, last, flags) : (int)syscall(SYS_close_range, first, last, flags);
  if (closes) closed_range(first, last);
  return result;
}

REDIRECTED void closefrom(int first) {
  unsigned low = first < 0 ? 0 : (unsigned)first;
  closing_range(low, ~0u);
  real_closefrom()(first);
  closed_range(low, ~0u);
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

REDIRECTED int fclose(FILE *stream) {
  int fd = descriptor_of(stream);
  int flushed = flush(stream, fd);
  int error = errno;
  int copy = copy_to_linger(fd);
  bool was_watched = closing(fd);
  int result = real_fclose()(stream);
  closed(fd, was_watched);
  linger(copy);
  if (flushed == 0 || result != 0) return result;
  errno = error;
  return EOF;
}

static FILE *reopen(__typeof__(freopen) *real, const char *path, const char *mode, FILE *stream) {
  int fd = descriptor_of(stream);
  flush(stream, fd);
  int copy = copy_to_linger(fd);
  bool was_watched = closing(fd);
  FILE *result = real(path, mode, stream);
  closed(fd, was_watched);
  linger(copy);
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
