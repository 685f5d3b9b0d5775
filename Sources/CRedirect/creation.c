// The calls that make descriptors: socket(2), socketpair(2), pipe(2), pipe2(2), dup(2).
//
// libc closes descriptors of its own unseen. Whoever gets such a number anew must not be taken for the old one.

#include "redirect.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

REAL(socket)
REAL(socketpair)
REAL(pipe)
REAL(pipe2)
REAL(dup)

REDIRECTED int socket(int domain, int type, int protocol) {
  return credirect_opened(real_socket()(domain, type, protocol));
}

static int opened_pair(int result, const int ends[2]) {
  if (result == 0) {
    credirect_opened(ends[0]);
    credirect_opened(ends[1]);
  }
  return result;
}

REDIRECTED int socketpair(int domain, int type, int protocol, int ends[2]) {
  return opened_pair(real_socketpair()(domain, type, protocol, ends), ends);
}

REDIRECTED int pipe(int ends[2]) { return opened_pair(real_pipe()(ends), ends); }

REDIRECTED int pipe2(int ends[2], int flags) { return opened_pair(real_pipe2()(ends, flags), ends); }

REDIRECTED int dup(int fd) { return credirect_opened(real_dup()(fd)); }

ALIAS(pipe, __pipe)
