#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CGlibc.h"

#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

int cglibc_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int cglibc_stream_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int cglibc_sock_stream(void) { return SOCK_STREAM; }

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

int cglibc_sem_wait_until(sem_t *semaphore, const struct timespec *deadline) {
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, deadline);
}

void cglibc_report(const char *line) { fprintf(stderr, "%s\n", line); }
