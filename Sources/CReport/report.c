#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "include/CReport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// All of these are the system calls themselves: libc's functions may be redirected, and this is not a place to wait.

static atomic_uint lost;
static atomic_bool is_stuck;  // the last line could not be written, so that the next does not wait
static atomic_bool is_cut;    // of the last line only a part was, so that the next begins with an end

// ---- Time ----------------------------------------------------------------------------------------------------------

static const int64_t millisecond = 1000000, second = 1000000000;

static int64_t now(void) {
  struct timespec time;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

// Whether a write is worth it, at that time at the latest; 0 for at once. False where nobody can read any more either: a
// write to such a pipe would be answered with SIGPIPE.
static bool is_writable(int64_t until) {
  struct pollfd polled = {.fd = STDERR_FILENO, .events = POLLOUT};
  long count;
  // A signal is not an answer.
  do {
    int64_t rest = until > 0 ? until - now() : 0;
    if (rest < 0) rest = 0;
    struct timespec time = {.tv_sec = rest / second, .tv_nsec = rest % second};
    count = syscall(SYS_ppoll, &polled, 1UL, &time, NULL, 0UL);
  } while (count < 0 && errno == EINTR);
  return count > 0 && !(polled.revents & (POLLERR | POLLNVAL));
}

// Whether to try again what would have waited; `until` is 0 the first time.
static bool is_worth_waiting(int64_t *until) {
  if (*until == 0) {
    *until = now() + (atomic_load(&is_stuck) ? 0 : 100 * millisecond);
  } else {
    // It was called writable and would have waited: a terminal with room for less than the two bytes that end a line.
    if (now() >= *until) return false;
    struct timespec time = {.tv_nsec = millisecond};
    syscall(SYS_nanosleep, &time, NULL);
  }
  return is_writable(*until);
}

// ---- Writing -------------------------------------------------------------------------------------------------------

static bool is_file(void) {
  struct stat status;
  return fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

// Opens standard error once more: O_NONBLOCK set on the description that is there would be so for all who share it.
static int open_again(void) {
  unsigned number;
  // The terminal's other side; to open that is to make another terminal.
  if (syscall(SYS_ioctl, STDERR_FILENO, TIOCGPTN, &number) == 0) return -1;
  int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  return (int)syscall(SYS_openat, AT_FDCWD, "/proc/thread-self/fd/2", flags, 0);
}

// One byte has room wherever poll says that anything has.
static ssize_t write_bytes(const char *bytes, size_t count) {
  size_t written = 0;
  errno = EAGAIN;
  while (written < count && is_writable(0)) {
    if (syscall(SYS_write, STDERR_FILENO, bytes + written, 1UL) != 1) break;
    written++;
    errno = EAGAIN;
  }
  return written > 0 ? (ssize_t)written : -1;
}

// To a terminal, or a pipe of an older kernel: neither knows a call that does not wait, and poll calls them writable where
// there is room for a part.
static ssize_t write_without_waiting(const char *bytes, size_t count) {
  int again = open_again();
  if (again < 0) return write_bytes(bytes, count);
  ssize_t written = syscall(SYS_write, again, bytes, count);
  int error = errno;
  syscall(SYS_close, again);
  errno = error;
  return written;
}

// One attempt that does not wait; -1 with EAGAIN where it would.
static ssize_t attempt(const char *bytes, size_t count) {
  errno = 0;
  ssize_t sent = syscall(SYS_sendto, STDERR_FILENO, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0UL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  // A regular file takes all, and says of a call that may not wait that it would.
  if (is_file()) return syscall(SYS_write, STDERR_FILENO, bytes, count);
  if (!is_writable(0)) {
    errno = EAGAIN;
    return -1;
  }
  struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
  ssize_t written = syscall(SYS_pwritev2, STDERR_FILENO, &part, 1UL, -1L, -1L, RWF_NOWAIT);
  if (written >= 0 || errno == EAGAIN) return written;
  return write_without_waiting(bytes, count);
}

// False where a part of it was lost.
static bool write_all(const char *bytes, size_t count) {
  size_t rest = count;
  int64_t until = 0;
  while (rest > 0) {
    ssize_t written = attempt(bytes + (count - rest), rest);
    if (written > 0) {
      rest -= (size_t)written;
      until = 0;
    } else if (written == 0 || (errno != EINTR && !(errno == EAGAIN && is_worth_waiting(&until)))) {
      break;
    }
  }
  if (rest < count) atomic_store(&is_cut, bytes[count - rest - 1] != '\n');
  atomic_store(&is_stuck, rest > 0);
  return rest == 0;
}

// ---- Lines ---------------------------------------------------------------------------------------------------------

// One piece, so that what several processes write does not mix.
struct text {
  char bytes[1024];
  size_t count;
};

static void add(struct text *text, const char *string) {
  while (*string && text->count < sizeof text->bytes) text->bytes[text->count++] = *string++;
}

static void add_number(struct text *text, unsigned number) {
  char digits[12], *digit = digits + sizeof digits - 1;
  *digit = 0;
  do *--digit = (char)('0' + number % 10);
  while (number /= 10);
  add(text, digit);
}

static void tell_lost(void) {
  unsigned count = atomic_exchange(&lost, 0);
  if (count == 0) return;
  struct text text = {.count = 0};
  if (atomic_load(&is_cut)) add(&text, "\n");
  add(&text, CREPORT_PREFIX "lost on standard error, which nobody read: ");
  add_number(&text, count);
  add(&text, count == 1 ? " line\n" : " lines\n");
  if (!write_all(text.bytes, text.count)) atomic_fetch_add(&lost, count);
}

void creport_line(const char *text, size_t count) {
  int saved = errno;
  tell_lost();
  struct text line = {.count = 0};
  if (atomic_load(&is_cut)) add(&line, "\n");
  bool fits = count < sizeof line.bytes - line.count;
  if (fits) {
    memcpy(line.bytes + line.count, text, count);
    line.count += count;
    add(&line, "\n");
  }
  bool is_written = write_all(line.bytes, line.count) && (fits || (write_all(text, count) && write_all("\n", 1)));
  if (!is_written) atomic_fetch_add(&lost, 1);
  errno = saved;
}

void creport_format(const char *format, ...) {
  char line[512] = CREPORT_PREFIX;
  char *text = line + sizeof CREPORT_PREFIX - 1;
  size_t room = sizeof line - sizeof CREPORT_PREFIX + 1;
  va_list arguments;
  va_start(arguments, format);
  int count = vsnprintf(text, room, format, arguments);
  va_end(arguments);
  if (count < 0) return;
  if ((size_t)count >= room) count = (int)room - 1;
  creport_line(line, sizeof CREPORT_PREFIX - 1 + (size_t)count);
}
