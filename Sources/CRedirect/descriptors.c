// What a descriptor is, and the calls that change it: close(2), dup(2), dup2(2), dup3(2), close_range(2).
//
// The calls that close or replace a descriptor must be seen, on every thread, because the loop keeps watching a
// descriptor between two waits.

#include "redirect.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

REAL(close)
REAL(dup)
REAL(dup2)
REAL(dup3)
REAL(close_range)

// Remembered for the descriptors that programs commonly use; others are looked at each time.
#define REMEMBERED 65536
static _Atomic unsigned char kinds[REMEMBERED];

static enum descriptor_kind look(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return KIND_DIRECT;
  switch (status.st_mode & S_IFMT) {
  case S_IFSOCK: return KIND_SOCKET;
  case S_IFIFO: return KIND_STREAM;
  case S_IFREG: case S_IFDIR: case S_IFBLK: return KIND_DIRECT;
  case S_IFCHR: return KIND_WAITABLE;
  default: return KIND_STREAM; // eventfd, timerfd and the other anonymous files; read.c corrects it if it must
  }
}

enum descriptor_kind green_kind_of(int fd) {
  if (fd < 0) return KIND_DIRECT;
  if (fd >= REMEMBERED) return look(fd);
  enum descriptor_kind kind = atomic_load_explicit(&kinds[fd], memory_order_relaxed);
  return kind != KIND_UNKNOWN ? kind : green_kind_again(fd);
}

enum descriptor_kind green_kind_again(int fd) {
  int saved = errno;
  enum descriptor_kind kind = look(fd);
  // A file that fclose(3) closes unseen must not make the next socket of its number block: the other kinds correct
  // themselves where they are wrong, this one would not.
  green_kind_is(fd, kind == KIND_DIRECT ? KIND_UNKNOWN : kind);
  errno = saved;
  return kind;
}

void green_kind_is(int fd, enum descriptor_kind kind) {
  if (fd >= 0 && fd < REMEMBERED) atomic_store_explicit(&kinds[fd], (unsigned char)kind, memory_order_relaxed);
}

int green_is_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

int64_t green_socket_deadline(int fd, int option) {
  struct timeval time;
  socklen_t length = sizeof time;
  if (getsockopt(fd, SOL_SOCKET, option, &time, &length) != 0) return NEVER;
  if (time.tv_sec == 0 && time.tv_usec == 0) return NEVER;
  return deadline_after(nanoseconds_of(time.tv_sec, (int64_t)time.tv_usec * 1000));
}

int green_wait_to_retry(const green_redirect_table *table, int fd, short events, int option, int64_t *deadline) {
  if (*deadline == UNASKED) {
    if (green_is_nonblocking(fd)) return EAGAIN;
    *deadline = option != 0 ? green_socket_deadline(fd, option) : NEVER;
  }
  return table->wait_descriptor(fd, events, *deadline);
}

// ---- Closing and replacing ----------------------------------------------------------------------------------------

static const green_redirect_table *table_if_any(void) {
  return atomic_load_explicit(&green_redirect_current, memory_order_acquire);
}

static bool closing(int fd) {
  const green_redirect_table *table = table_if_any();
  bool was_watched = table != NULL && fd >= 0 && table->closing(fd);
  green_kind_is(fd, KIND_UNKNOWN);
  return was_watched;
}

static void closed(int fd, bool was_watched) {
  const green_redirect_table *table = table_if_any();
  int saved = errno;
  if (table != NULL && fd >= 0) table->closed(fd, was_watched);
  // Another thread may have looked at what is gone since.
  green_kind_is(fd, KIND_UNKNOWN);
  errno = saved;
}

// Whether dup2 would replace `new` by `old`: it leaves `new` alone when `old` is not open.
static int replaces(int old, int new) { return old != new && new >= 0 && fcntl(old, F_GETFD) >= 0; }

REDIRECTED int close(int fd) {
  bool was_watched = closing(fd);
  int result = real_close()(fd);
  closed(fd, was_watched);
  return result;
}

REDIRECTED int dup(int fd) {
  int copy = real_dup()(fd);
  green_kind_is(copy, KIND_UNKNOWN);
  return copy;
}

REDIRECTED int dup2(int old, int new) {
  if (!replaces(old, new)) return real_dup2()(old, new);
  bool was_watched = closing(new);
  int result = real_dup2()(old, new);
  closed(new, was_watched);
  return result;
}

REDIRECTED int dup3(int old, int new, int flags) {
  if (!replaces(old, new) || (flags & ~O_CLOEXEC) != 0) return real_dup3()(old, new, flags);
  bool was_watched = closing(new);
  int result = real_dup3()(old, new, flags);
  closed(new, was_watched);
  return result;
}

static int real_range(unsigned first, unsigned last, int flags) {
  __typeof__(close_range) *real = real_close_range();
  return real != NULL ? real(first, last, flags) : (int)syscall(SYS_close_range, first, last, flags);
}

REDIRECTED int close_range(unsigned first, unsigned last, int flags) {
  const green_redirect_table *table = table_if_any();
  if (table == NULL || (flags & ~CLOSE_RANGE_UNSHARE) != 0 || first > last) return real_range(first, last, flags);
  // "All from 3" is a common range, and numbers run to a thousand million: only those that matter are looked at.
  int highest = table->highest_watched();
  unsigned end = highest < 0 ? 0 : (unsigned)highest;
  for (unsigned fd = first; fd <= end && fd <= last; fd++) closing((int)fd);
  int result = real_range(first, last, flags);
  for (unsigned fd = first; fd <= end && fd <= last; fd++) closed((int)fd, false);
  for (unsigned fd = first; fd < REMEMBERED && fd <= last; fd++) green_kind_is((int)fd, KIND_UNKNOWN);
  return result;
}
