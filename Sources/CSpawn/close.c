#define _GNU_SOURCE
#include "internal.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// System calls by number, here and in spawn.c: the redirect defines the functions, and a child must not come to it.

// linux/dirent.h is not for programs: getdents64(2) asks them to declare this.
struct entry {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char kind;
  char name[];
};

IN_CHILD static int number_of(const char *name) {
  int number = 0;
  if (*name < '0' || *name > '9') return -1;
  for (; *name >= '0' && *name <= '9'; name++) number = number * 10 + (*name - '0');
  return number;
}

IN_CHILD static int close_listed(void) {
  int folder = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder < 0) return -1;
  _Alignas(struct entry) char buffer[2048];
  long size;
  while ((size = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < size;) {
      const struct entry *entry = (const struct entry *)(buffer + at);
      int descriptor = number_of(entry->name);
      if (descriptor >= 3 && descriptor != folder) syscall(SYS_close, descriptor);
      at += entry->length;
    }
  }
  syscall(SYS_close, folder);
  return size < 0 ? -1 : 0;
}

IN_CHILD void cspawn_close_others(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return; // Linux 5.9
#endif
  if (close_listed() == 0) return;
  // No /proc: the limit may be a thousand million, and numbers are given out from below.
  for (int descriptor = 3; descriptor < 65536; descriptor++) syscall(SYS_close, descriptor);
}
