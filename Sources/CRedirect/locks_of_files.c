// Locks of files, and the other commands of fcntl: flock(2), fcntl(2), lockf(3).
//
// The lock is tried, and tried again after growing pauses, 32 ms at most. A thread of the pool could wait in the real
// call, but could not be called back when the fiber is cancelled, and some such waits would take every thread of the pool
// from the fibers that hold the locks. The price: the kernel does not see those who wait, so EDEADLK is not found, and waiters
// are not served in turn.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

REAL(flock)
REAL(fcntl)
REAL(fcntl64)
REAL(lockf)

// fcntl may say either.
static bool is_locked(int error) { return error == EAGAIN || error == EACCES; }

static int retry(const credirect_table *table, long (*attempt)(void *), void *context) {
  return (int)credirect_retry(table, attempt, context, is_locked, NEVER);
}

struct attempt {
  int fd;
  int command;
  void *argument;
  off_t length;
};

static long try_flock(void *context) {
  struct attempt *attempt = context;
  return real_flock()(attempt->fd, attempt->command | LOCK_NB);
}

WAITS(int, flock, (int fd, int operation), (fd, operation)) {
  const credirect_table *table = NULL;
  int kind = operation & ~LOCK_NB;
  bool waits = (operation & LOCK_NB) == 0 && (kind == LOCK_SH || kind == LOCK_EX);
  if (!waits || (table = fiber_table()) == NULL) return real_flock()(fd, operation);
  struct attempt attempt = {fd, operation, NULL, 0};
  return retry(table, try_flock, &attempt);
}

// ---- fcntl --------------------------------------------------------------------------------------------------------

static long try_fcntl(void *context) {
  struct attempt *attempt = context;
  return real_fcntl()(attempt->fd, attempt->command, attempt->argument);
}

static int control(__typeof__(fcntl) *real, int fd, int command, void *argument) {
  if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) return credirect_opened(real(fd, command, argument));
  const credirect_table *table = NULL;
  bool waits = (command == F_SETLKW || command == F_OFD_SETLKW) && argument != NULL;
  if (!waits || (table = fiber_table()) == NULL) return real(fd, command, argument);
  struct attempt attempt = {fd, command == F_SETLKW ? F_SETLK : F_OFD_SETLK, argument, 0};
  int saved = errno;
  return (int)settled(retry(table, try_fcntl, &attempt), saved);
}

// Every command takes an integer or a pointer, or nothing: a word in any case, as in glibc's own.
#define ARGUMENT(command)                    \
  va_list arguments;                         \
  va_start(arguments, command);              \
  void *argument = va_arg(arguments, void *); \
  va_end(arguments)

REDIRECTED int fcntl(int fd, int command, ...) {
  ARGUMENT(command);
  return control(real_fcntl(), fd, command, argument);
}

REDIRECTED int fcntl64(int fd, int command, ...) {
  ARGUMENT(command);
  return control(real_fcntl64(), fd, command, argument);
}

// ---- lockf --------------------------------------------------------------------------------------------------------

static long try_lockf(void *context) {
  struct attempt *attempt = context;
  return real_lockf()(attempt->fd, F_TLOCK, attempt->length);
}

WAITS(int, lockf, (int fd, int command, off_t length), (fd, command, length)) {
  const credirect_table *table = NULL;
  if (command != F_LOCK || (table = fiber_table()) == NULL) return real_lockf()(fd, command, length);
  struct attempt attempt = {fd, command, NULL, length};
  return retry(table, try_lockf, &attempt);
}

ALIAS(fcntl, __fcntl)
// off_t has 64 bits, as off64_t has.
ALIAS(lockf, lockf64)
