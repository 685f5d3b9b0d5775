#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CGlibc.h"

#include <errno.h>
#include <malloc.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int cglibc_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int cglibc_stream_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int cglibc_sock_stream(void) { return SOCK_STREAM; }

int cglibc_socket(int family, int type) { return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int cglibc_sock_dgram(void) { return SOCK_DGRAM; }

_Static_assert(CGLIBC_EAI_ADDRFAMILY == EAI_ADDRFAMILY && CGLIBC_EAI_NODATA == EAI_NODATA, "as netdb.h");
_Static_assert(CGLIBC_AI_IDN == AI_IDN && CGLIBC_AI_CANONIDN == AI_CANONIDN && CGLIBC_NI_IDN == NI_IDN, "as netdb.h");

int cglibc_receive_flags(void) { return MSG_DONTWAIT; }

int cglibc_send_flags(void) { return MSG_DONTWAIT | MSG_NOSIGNAL; }

short cglibc_poll_readable(void) { return POLLIN | POLLPRI | POLLRDHUP | POLLRDNORM | POLLRDBAND; }

short cglibc_poll_writable(void) { return POLLOUT | POLLWRNORM | POLLWRBAND; }

int cglibc_ppoll(struct pollfd *descriptors, size_t count, const struct timespec *timeout) {
  return ppoll(descriptors, count, timeout, NULL);
}

int cglibc_timerfd(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

int cglibc_timerfd_set(int timer, int64_t nanoseconds) {
  struct itimerspec time = {.it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
  return timerfd_settime(timer, 0, &time, NULL);
}

// ThreadSanitizer knows sem_wait and sem_timedwait, and not this one: it is told that what came before the post is seen.
extern void __tsan_acquire(void *address) __attribute__((weak));

int cglibc_sem_wait_until(sem_t *semaphore, const struct timespec *deadline) {
  int result = sem_clockwait(semaphore, CLOCK_MONOTONIC, deadline);
  if (result == 0 && __tsan_acquire) __tsan_acquire(semaphore);
  return result;
}

int cglibc_start_thread(void *(*body)(void *), void *argument, size_t stack_size, const char *name) {
  // A thread begins with the mask of the one that makes it. Faults stay deliverable: a crash report comes of them.
  sigset_t most, before;
  sigfillset(&most);
  const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&most, faults[i]);
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return error;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  error = pthread_attr_setstacksize(&attributes, stack_size);
  if (error == 0) {
    pthread_t thread;
    pthread_sigmask(SIG_SETMASK, &most, &before);
    error = pthread_create(&thread, &attributes, body, argument);
    if (error == 0) {
      char cut[16] = {0};
      strncpy(cut, name, sizeof cut - 1);
      pthread_setname_np(thread, cut);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  pthread_attr_destroy(&attributes);
  return error;
}

int cglibc_event_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

const char *cglibc_signal_name(int signal) { return sigabbrev_np(signal); }

int cglibc_first_realtime_signal(void) { return SIGRTMIN; }

int cglibc_last_realtime_signal(void) { return SIGRTMAX; }

void cglibc_trim_heap(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

int cglibc_available_processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
  // More processors than a set has room for.
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}
