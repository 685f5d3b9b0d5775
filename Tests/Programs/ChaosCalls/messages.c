// Calls that carry bytes over sockets.

#include "chaos.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

REAL(recv)
REAL(send)
REAL(recvmsg)
REAL(sendmsg)
REAL(recvfrom)
REAL(sendto)
REAL(recvmmsg)
REAL(sendmmsg)
REAL(sendfile)

INJECTED ssize_t recv(int fd, void *buffer, size_t count, int flags) {
  switch (chaos_fate(CHAOS_RECV)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ECONNRESET, ENOMEM, ETIMEDOUT, EHOSTUNREACH);
  case FATE_LESS: return real_recv()(fd, buffer, chaos_less(count), flags);
  default: return real_recv()(fd, buffer, count, flags);
  }
}

INJECTED ssize_t send(int fd, const void *bytes, size_t count, int flags) {
  switch (chaos_fate(CHAOS_SEND)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ECONNRESET, EPIPE, ENOBUFS, ENOMEM);
  case FATE_LESS: return real_send()(fd, bytes, chaos_less(count), flags);
  default: return real_send()(fd, bytes, count, flags);
  }
}

// With one part only, and so much of that.
static struct msghdr shortened(const struct msghdr *message, struct iovec *part) {
  struct msghdr less = *message;
  *part = message->msg_iov[0];
  part->iov_len = chaos_less(part->iov_len);
  less.msg_iov = part;
  less.msg_iovlen = 1;
  return less;
}

static int is_empty(const struct msghdr *message) { return message->msg_iovlen == 0 || message->msg_iov[0].iov_len == 0; }

INJECTED ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  switch (chaos_fate(CHAOS_RECVMSG)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ECONNRESET, ENOMEM);
  case FATE_LESS: {
    if (is_empty(message)) break;
    struct iovec part;
    struct msghdr less = shortened(message, &part);
    ssize_t result = real_recvmsg()(fd, &less, flags);
    message->msg_controllen = less.msg_controllen;
    message->msg_flags = less.msg_flags;
    return result;
  }
  default: break;
  }
  return real_recvmsg()(fd, message, flags);
}

INJECTED ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  switch (chaos_fate(CHAOS_SENDMSG)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ECONNRESET, EPIPE, ENOBUFS, ENOMEM);
  case FATE_LESS: {
    if (is_empty(message)) break;
    struct iovec part;
    struct msghdr less = shortened(message, &part);
    return real_sendmsg()(fd, &less, flags);
  }
  default: break;
  }
  return real_sendmsg()(fd, message, flags);
}

// A datagram is carried whole or not at all.
INJECTED ssize_t recvfrom(int fd, void *buffer, size_t count, int flags, struct sockaddr *from, socklen_t *length) {
  switch (chaos_fate(CHAOS_RECVFROM)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ECONNREFUSED, ENOMEM);
  default: return real_recvfrom()(fd, buffer, count, flags, from, length);
  }
}

INJECTED ssize_t sendto(int fd, const void *bytes, size_t count, int flags, const struct sockaddr *to,
                        socklen_t length) {
  switch (chaos_fate(CHAOS_SENDTO)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ENOBUFS, ENETUNREACH, EPERM);
  default: return real_sendto()(fd, bytes, count, flags, to, length);
  }
}

INJECTED int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout) {
  switch (chaos_fate(CHAOS_RECVMMSG)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ECONNREFUSED, ENOMEM);
  case FATE_LESS: count = (unsigned)chaos_less(count); break;
  default: break;
  }
  return real_recvmmsg()(fd, messages, count, flags, timeout);
}

INJECTED int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
  switch (chaos_fate(CHAOS_SENDMMSG)) {
  case FATE_PASSING: return FAIL(EINTR, EAGAIN);
  case FATE_FAILING: return FAIL(ENOBUFS, ENETUNREACH, EPERM);
  case FATE_LESS: count = (unsigned)chaos_less(count); break;
  default: break;
  }
  return real_sendmmsg()(fd, messages, count, flags);
}

INJECTED ssize_t sendfile(int socket, int file, off_t *offset, size_t count) {
  switch (chaos_fate(CHAOS_SENDFILE)) {
  // The last sends the caller the other way.
  case FATE_PASSING: return FAIL(EINTR, EAGAIN, EINVAL);
  case FATE_FAILING: return FAIL(EIO, ENOMEM, EPIPE);
  case FATE_LESS: return real_sendfile()(socket, file, offset, chaos_less(count));
  default: return real_sendfile()(socket, file, offset, count);
  }
}
