#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

// What scanf is to programs made with glibc from 2.38 on, by their names there.
int __isoc23_fscanf(FILE *stream, const char *format, ...);
int __isoc23_vfscanf(FILE *stream, const char *format, va_list arguments);

static int scan(FILE *stream, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int result = __isoc23_vfscanf(stream, format, arguments);
  va_end(arguments);
  return result;
}

int ccalls_scan_two(int descriptor, int *first, int *second) {
  FILE *stream = fdopen(descriptor, "r");
  if (stream == NULL) return -1;
  int count = __isoc23_fscanf(stream, "%d", first) + scan(stream, "%d", second);
  fclose(stream);
  return count;
}

long ccalls_splice(int in, int out, size_t count) { return splice(in, NULL, out, NULL, count, 0); }

long ccalls_tee(int in, int out) { return tee(in, out, 100, 0); }

long ccalls_vmsplice(int pipe, void *bytes, size_t count) {
  struct iovec part = {bytes, count};
  return vmsplice(pipe, &part, 1, 0);
}

void ccalls_log(const char *text) {
  errno = ENOENT;
  syslog(LOG_INFO, "%s: %m", text);
}

int ccalls_syncfs(int descriptor) { return syncfs(descriptor); }

long ccalls_copy(int from, int to, size_t count) { return copy_file_range(from, NULL, to, NULL, count, 0); }

int ccalls_counter(void) { return eventfd(0, 0); }

uint64_t ccalls_counter_read(int counter) {
  eventfd_t value = 0;
  return eventfd_read(counter, &value) == 0 ? value : 0;
}

int ccalls_counter_add(int counter, uint64_t value) { return eventfd_write(counter, value); }

int __nss_configure_lookup(const char *database, const char *modules);

int ccalls_ask_module(const char *database, const char *modules) { return __nss_configure_lookup(database, modules); }

static int inside, most_inside;
static size_t written;

static ssize_t write_slowly(void *cookie, const char *bytes, size_t count) {
  (void)cookie, (void)bytes;
  if (++inside > most_inside) most_inside = inside;
  usleep(2000);
  inside--;
  written += count;
  return (ssize_t)count;
}

static int close_slowly(void *cookie) {
  write_slowly(cookie, NULL, 0);
  return 0;
}

FILE *ccalls_slow_stream(void) {
  written = 0;
  most_inside = 0;
  FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_slowly, .close = close_slowly});
  // Without a buffer of the caller's glibc takes one of its own, of its own size.
  static char buffer[16];
  setvbuf(stream, buffer, _IOFBF, sizeof buffer);
  return stream;
}

size_t ccalls_slow_stream_count(void) { return written; }

int ccalls_slow_stream_most(void) { return most_inside; }

// Set before the constructors of the redirect run.
static const volatile int *others;
static int turns_meanwhile;

static void handle_early(int signal) {
  (void)signal;
  int before = *others;
  usleep(2000);
  turns_meanwhile = *others - before;
}

__attribute__((constructor(101))) static void set_early_handler(void) {
  struct sigaction action = {.sa_handler = handle_early};
  sigaction(SIGRTMAX - 2, &action, NULL);
}

int ccalls_raise_early(const int *turns) {
  struct sigaction now;
  if (sigaction(SIGRTMAX - 2, NULL, &now) != 0 || now.sa_handler != handle_early) return -1;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGRTMAX - 2);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  others = turns;
  return raise(SIGRTMAX - 2) == 0 ? turns_meanwhile : -2;
}

int ccalls_close_range(int first, int last) { return close_range((unsigned)first, (unsigned)last, 0); }

void ccalls_close_from(int first) { closefrom(first); }

int ccalls_nest(int descriptor, int *sets, int most) {
  for (int count = 0; count < most; count++) {
    struct epoll_event event = {.events = EPOLLIN};
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) != 0) {
      close(set);
      return count;
    }
    descriptor = sets[count] = set;
  }
  return most;
}

int ccalls_epoll_wait(int set, int milliseconds) {
  struct epoll_event event;
  return epoll_wait(set, &event, 1, milliseconds);
}
