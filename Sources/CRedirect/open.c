// open(2), openat(2), creat(2): of a FIFO, open waits for the other side.
//
// The kernel announces neither a reader nor a writer, so this tries again after growing pauses: a thread that waited in
// the call could not be called back when its fiber is cancelled.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

REAL(open)
REAL(open64)
REAL(openat)
REAL(openat64)
REAL(creat)
REAL(creat64)
REAL(close)
REAL(fcntl)
REAL(poll)
REAL(pipe2)
REAL(tee)

// Without them the call does not wait, whatever the file.
static bool may_wait(int flags) {
  return (flags & (O_NONBLOCK | O_PATH | O_DIRECTORY)) == 0 && (flags & O_ACCMODE) != O_RDWR &&
         (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

static bool is_fifo(int folder, const char *path, int flags) {
  struct stat status;
  int saved = errno;
  bool is_fifo = fstatat(folder, path, &status, (flags & O_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0) == 0 &&
                 S_ISFIFO(status.st_mode);
  errno = saved;
  return is_fifo;
}

// Whether a writer has the FIFO open, or had it since. tee(2) takes nothing out, and tells an end of file (0) from an
// empty pipe (EAGAIN).
static bool has_writer(int fifo, const int scratch[2]) {
  struct pollfd entry = {fifo, POLLIN, 0};
  if (real_poll()(&entry, 1, 0) != 0) return true;
  return real_tee()(fifo, scratch[1], 1, SPLICE_F_NONBLOCK) != 0;
}

static int pause_before(const credirect_table *table, int64_t *pause) {
  int error = table->sleep_until(deadline_after(*pause));
  if (*pause < 32000000) *pause *= 2;
  return error;
}

static int wait_for_writer(const credirect_table *table, int fifo) {
  int scratch[2];
  if (real_pipe2()(scratch, O_CLOEXEC) != 0) return errno;
  int64_t pause = 1000000;
  int error = 0;
  while (error == 0 && !has_writer(fifo, scratch)) error = pause_before(table, &pause);
  real_close()(scratch[0]);
  real_close()(scratch[1]);
  return error;
}

static int open_or_wait(const credirect_table *table, int folder, const char *path, int flags, mode_t mode) {
  int64_t pause = 1000000;
  int fifo;
  while ((fifo = real_openat()(folder, path, flags | O_NONBLOCK, mode)) < 0) {
    if (errno != ENXIO || (flags & O_ACCMODE) != O_WRONLY) return -1;
    int error = pause_before(table, &pause);
    if (error != 0) return fail(error);
  }
  // The description is this call's own still: nobody else can have seen the flag.
  int set = real_fcntl()(fifo, F_GETFL);
  int error = (flags & O_ACCMODE) == O_RDONLY ? wait_for_writer(table, fifo) : 0;
  if (error == 0 && real_fcntl()(fifo, F_SETFL, set & ~O_NONBLOCK) == 0) return fifo;
  if (error == 0) error = errno;
  real_close()(fifo);
  return fail(error);
}

static int open_fifo(const credirect_table *table, int folder, const char *path, int flags, mode_t mode) {
  int saved = errno;
  return (int)settled(open_or_wait(table, folder, path, flags, mode), saved);
}

// The table where the call is to wait in the hub.
static const credirect_table *table_for(int folder, const char *path, int flags) {
  const credirect_table *table = may_wait(flags) ? fiber_table() : NULL;
  return table != NULL && is_fifo(folder, path, flags) ? table : NULL;
}

static mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

#define MODE(flags)           \
  va_list arguments;          \
  va_start(arguments, flags); \
  mode_t mode = mode_of(flags, arguments); \
  va_end(arguments)

REDIRECTED int open(const char *path, int flags, ...) {
  MODE(flags);
  const credirect_table *table = table_for(AT_FDCWD, path, flags);
  if (table != NULL) return credirect_opened(open_fifo(table, AT_FDCWD, path, flags, mode));
  return credirect_opened(real_open()(path, flags, mode));
}

REDIRECTED int open64(const char *path, int flags, ...) {
  MODE(flags);
  const credirect_table *table = table_for(AT_FDCWD, path, flags);
  if (table != NULL) return credirect_opened(open_fifo(table, AT_FDCWD, path, flags | O_LARGEFILE, mode));
  return credirect_opened(real_open64()(path, flags, mode));
}

REDIRECTED int openat(int folder, const char *path, int flags, ...) {
  MODE(flags);
  const credirect_table *table = table_for(folder, path, flags);
  if (table != NULL) return credirect_opened(open_fifo(table, folder, path, flags, mode));
  return credirect_opened(real_openat()(folder, path, flags, mode));
}

REDIRECTED int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags);
  const credirect_table *table = table_for(folder, path, flags);
  if (table != NULL) return credirect_opened(open_fifo(table, folder, path, flags | O_LARGEFILE, mode));
  return credirect_opened(real_openat64()(folder, path, flags, mode));
}

REDIRECTED int creat(const char *path, mode_t mode) {
  const credirect_table *table = table_for(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC);
  if (table != NULL) return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  return credirect_opened(real_creat()(path, mode));
}

REDIRECTED int creat64(const char *path, mode_t mode) {
  const credirect_table *table = table_for(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC);
  if (table != NULL) return open64(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  return credirect_opened(real_creat64()(path, mode));
}

ALIAS(open, __open)
ALIAS(open64, __open64)
