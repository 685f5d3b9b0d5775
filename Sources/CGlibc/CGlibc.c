#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CGlibc.h"

#include <netdb.h>
#include <stdio.h>
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

int cglibc_sem_wait_until(sem_t *semaphore, const struct timespec *deadline) {
  return sem_clockwait(semaphore, CLOCK_MONOTONIC, deadline);
}

void cglibc_report(const char *line) { fprintf(stderr, "%s\n", line); }
