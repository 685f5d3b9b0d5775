// What a descriptor is: how a call on it can be tried without waiting.

#include "redirect.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

REAL(fcntl)

// Remembered for the descriptors that programs commonly use; others are looked at each time.
#define REMEMBERED 65536
static _Atomic unsigned char kinds[REMEMBERED];

static void remember(int fd, enum descriptor_kind kind) {
  if (fd >= 0 && fd < REMEMBERED) atomic_store_explicit(&kinds[fd], (unsigned char)kind, memory_order_relaxed);
}

static enum descriptor_kind look(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return KIND_DIRECT;
  switch (status.st_mode & S_IFMT) {
  case S_IFSOCK: return KIND_SOCKET;
  case S_IFIFO: return KIND_STREAM;
  case S_IFREG: case S_IFDIR: case S_IFBLK: return KIND_DIRECT;
  case S_IFCHR: return KIND_WAITABLE;
  default: return KIND_STREAM; // eventfd, timerfd and the other anonymous files; corrected where they do not know it
  }
}

static enum descriptor_kind look_again(int fd) {
  int saved = errno;
  enum descriptor_kind kind = look(fd);
  // A file that is closed unseen must not make the next socket of its number block: the other kinds correct themselves
  // where they are wrong, this one would not.
  remember(fd, kind == KIND_DIRECT ? KIND_UNKNOWN : kind);
  errno = saved;
  return kind;
}

enum descriptor_kind credirect_kind_of(int fd) {
  if (fd < 0) return KIND_DIRECT;
  if (fd >= REMEMBERED) return look(fd);
  enum descriptor_kind kind = atomic_load_explicit(&kinds[fd], memory_order_relaxed);
  return kind != KIND_UNKNOWN ? kind : look_again(fd);
}

bool credirect_corrects_kind(int fd, enum descriptor_kind *kind) {
  if (*kind == KIND_SOCKET && errno == ENOTSOCK) {
    *kind = look_again(fd);
    return *kind != KIND_SOCKET;
  }
  if (*kind != KIND_STREAM) return false;
  if (errno == EOPNOTSUPP || errno == ESPIPE) {
    // It may have become another kind of file meanwhile; else it does not know the flag.
    *kind = look_again(fd);
    if (*kind == KIND_STREAM) remember(fd, *kind = KIND_WAITABLE);
    return true;
  }
  // An argument that is wrong without the flag too; the plain call says so at once.
  if (errno == EINVAL) *kind = KIND_DIRECT;
  return errno == EINVAL;
}

void credirect_forget_kind(int fd) { remember(fd, KIND_UNKNOWN); }

void credirect_forget_kinds(unsigned first, unsigned last) {
  for (unsigned fd = first; fd < REMEMBERED && fd <= last; fd++) credirect_forget_kind((int)fd);
}

int credirect_opened(int fd) {
  if (fd < 0) return fd;
  credirect_forget_kind(fd);
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table != NULL) table->opened(fd);
  return fd;
}

bool credirect_is_nonblocking(int fd) {
  int flags = real_fcntl()(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

bool credirect_is_stream_socket(int fd) {
  int saved = errno, type = 0;
  socklen_t size = sizeof type;
  bool is_stream = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
  errno = saved;
  return is_stream;
}
