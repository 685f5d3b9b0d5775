// Calls that open, connect and close.

#include "chaos.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

REAL(socket)
REAL(socketpair)
REAL(pipe2)
REAL(accept4)
REAL(connect)
REAL(getsockopt)
REAL(close)
REAL(epoll_create1)
REAL(eventfd)
REAL(mmap)

#define FAIL_TO_OPEN FAIL(EMFILE, ENFILE, ENOMEM)

INJECTED int socket(int family, int type, int protocol) {
  return chaos_fate(CHAOS_SOCKET) == FATE_FAILING ? FAIL(EMFILE, ENFILE, ENOMEM, ENOBUFS)
                                                  : real_socket()(family, type, protocol);
}

INJECTED int socketpair(int family, int type, int protocol, int ends[2]) {
  return chaos_fate(CHAOS_SOCKETPAIR) == FATE_FAILING ? FAIL_TO_OPEN : real_socketpair()(family, type, protocol, ends);
}

INJECTED int pipe2(int ends[2], int flags) {
  return chaos_fate(CHAOS_PIPE) == FATE_FAILING ? FAIL_TO_OPEN : real_pipe2()(ends, flags);
}

INJECTED int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  switch (chaos_fate(CHAOS_ACCEPT)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN, ECONNABORTED, EPROTO, ENETDOWN);
  case FATE_FAILING: return FAIL(EMFILE, ENFILE, ENOMEM, ENOBUFS);
  default: return real_accept4()(fd, address, length, flags);
  }
}

INJECTED int connect(int fd, const struct sockaddr *address, socklen_t length) {
  switch (chaos_fate(CHAOS_CONNECT)) {
  case FATE_FAILING: return FAIL(ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL);
  case FATE_PASSING: {
    if (address->sa_family == AF_UNIX) return FAIL(EAGAIN);
    // What a signal interrupts goes on all the same.
    int result = real_connect()(fd, address, length);
    return result != 0 && errno == EINPROGRESS ? FAIL(EINTR) : result;
  }
  default: return real_connect()(fd, address, length);
  }
}

INJECTED int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
  return chaos_fate(CHAOS_GETSOCKOPT) == FATE_FAILING ? FAIL(ENOBUFS, ENOMEM)
                                                      : real_getsockopt()(fd, level, name, value, length);
}

// An interrupted close has closed: close(2), "Dealing with error returns from close()".
INJECTED int close(int fd) {
  int result = real_close()(fd);
  return chaos_fate(CHAOS_CLOSE) == FATE_PASSING ? FAIL(EINTR) : result;
}

INJECTED int epoll_create1(int flags) {
  return chaos_fate(CHAOS_EPOLL_CREATE) == FATE_FAILING ? FAIL_TO_OPEN : real_epoll_create1()(flags);
}

INJECTED int eventfd(unsigned value, int flags) {
  return chaos_fate(CHAOS_EVENTFD) == FATE_FAILING ? FAIL_TO_OPEN : real_eventfd()(value, flags);
}

// Only what is as large as stacks are.
INJECTED void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  if (length >= 1 << 18 && chaos_fate(CHAOS_MMAP) == FATE_FAILING) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return real_mmap()(address, length, protection, flags, fd, offset);
}
