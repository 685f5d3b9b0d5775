#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "cglibc_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

static bool lingers(const struct linger *linger) { return linger->l_onoff != 0 && linger->l_linger > 0; }

// Whether any socket was ever told to: else no close needs to ask.
static _Atomic bool is_used;

void cglibc_note_linger(int level, int name, const void *value, socklen_t length) {
  if (level != SOL_SOCKET || name != SO_LINGER || value == NULL || length < sizeof(struct linger)) return;
  if (lingers(value)) atomic_store(&is_used, true);
}

bool cglibc_anything_lingers(void) { return atomic_load_explicit(&is_used, memory_order_relaxed); }

bool cglibc_lingers(int fd) {
  if (!cglibc_anything_lingers()) return false;
  int saved = errno;
  struct linger linger;
  socklen_t length = sizeof linger;
  bool result = getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length) == 0 && lingers(&linger);
  errno = saved;
  return result;
}

int cglibc_lingering_copy(int fd) {
  if (!cglibc_lingers(fd)) return -1;
  int saved = errno;
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  errno = saved;
  return copy;
}
