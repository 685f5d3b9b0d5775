#define _GNU_SOURCE
#include "include/cglibc_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// A directory is told from a file by fstat(2). O_NONBLOCK: opening a FIFO would wait for its writer.
enum { reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

// Of <linux/openat2.h>, which not every libc's headers come with.
struct open_how {
  uint64_t flags, mode, resolve;
};
enum { resolve_no_magiclinks = 0x02, resolve_beneath = 0x08 };

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

int cglibc_open_beneath(int root, const char *path) {
  struct open_how how = {.flags = reading, .resolve = resolve_beneath | resolve_no_magiclinks};
  // EAGAIN: something was renamed meanwhile, and the kernel cannot be sure where it is.
  for (int attempt = 0; attempt < 8; attempt++) {
    long result = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (result >= 0) return (int)result;
    if (errno == ENOSYS || errno == EPERM) return cglibc_open_stepwise(root, path);
    if (errno != EAGAIN && errno != EINTR) return -1;
  }
  errno = ENOENT;
  return -1;
}

int cglibc_open_stepwise(int root, const char *path) {
  char name[NAME_MAX + 1];
  int directory = root;
  while (1) {
    const char *slash = strchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : strlen(path);
    int result = -1;
    errno = ENAMETOOLONG;
    if (length < sizeof name) {
      memcpy(name, path, length);
      name[length] = 0;
      int flags = slash ? O_PATH | O_DIRECTORY | O_CLOEXEC : reading;
      result = openat(directory, length == 0 ? "." : name, flags | O_NOFOLLOW);
    }
    int error = errno;
    if (directory != root) close(directory);
    errno = error;
    if (result < 0 || slash == NULL) return result;
    directory = result;
    path = slash + 1;
  }
}

int cglibc_open_directory(const char *path) { return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); }

int cglibc_open_file(const char *path) { return open(path, reading); }
