// send(2), sendto(2), sendmsg(2), sendmmsg(2): a blocking send returns when all is on its way.

#define FAMILY GREEN_SOCKETS
#include "redirect.h"

#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

REAL(send)
REAL(sendto)
REAL(sendmsg)
REAL(sendmmsg)

// What tells that no more can be sent. POLLERR is also said of numbers of MSG_ZEROCOPY that have come.
#define FAILED (POLLERR | POLLHUP)

// After an attempt that could not send all: 0 to go on, -1 to return the part that was done, else an errno.
static int wait_for_room(struct waiting *waiting, bool has_part, short failed) {
  int error = credirect_wait_to_retry(waiting);
  if (!has_part) return error;
  return error != 0 || credirect_has(waiting->fd, failed) ? -1 : 0;
}

// Every call with MSG_ZEROCOPY is told of by a number of its own, and the program makes one: what is sent after the first part
// is copied.
static void copy_the_rest(int *flags, short *failed) {
  if ((*flags & MSG_ZEROCOPY) == 0) return;
  *flags &= ~MSG_ZEROCOPY;
  *failed = POLLHUP;
}

// After bytes that were sent with MSG_FASTOPEN: they are in the first packet, and the call goes on, or returns, when that has
// connected the socket. What follows is sent without the flag; TCP does not mind the address. 0 or an errno.
static int finish_opening(struct waiting *waiting, int *flags) {
  if ((*flags & MSG_FASTOPEN) == 0 || credirect_is_nonblocking(waiting->fd)) return 0;
  *flags &= ~MSG_FASTOPEN;
  int error = credirect_finish_connecting(waiting->fd);
  if (!credirect_is_connecting(error)) return error;
  errno = error;
  return credirect_wait_to_connect(waiting);
}

static ssize_t transmit(const credirect_table *table, int fd, const void *bytes, size_t count, int flags,
                        const struct sockaddr *address, socklen_t length) {
  struct waiting waiting = WAITING(table, fd, POLLOUT, SO_SNDTIMEO);
  size_t done = 0;
  short failed = FAILED;
  if (count > MOST_OF_ONE_CALL) count = MOST_OF_ONE_CALL;
  for (;;) {
    ssize_t result =
        real_sendto()(fd, (const char *)bytes + done, count - done, flags | MSG_DONTWAIT, address, length);
    if (result >= 0) {
      done += (size_t)result;
      waiting.fruitless = 0;
      int error = finish_opening(&waiting, &flags);
      if (error != 0) return fail(error);
      if (done >= count || result == 0) return (ssize_t)done;
      copy_the_rest(&flags, &failed);
    } else if (errno == EINTR) {
      continue;
    } else if (credirect_is_connecting(errno)) {
      int error = credirect_wait_to_connect(&waiting);
      if (error != 0) return fail(error);
      flags &= ~MSG_FASTOPEN;
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = wait_for_room(&waiting, done > 0, failed);
    if (error != 0) return error < 0 ? (ssize_t)done : fail(error);
  }
}

WAITS(ssize_t, send, (int fd, const void *bytes, size_t count, int flags), (fd, bytes, count, flags)) {
  const credirect_table *table;
  if ((flags & MSG_DONTWAIT) != 0 || (table = spending_table(fd)) == NULL) return real_send()(fd, bytes, count, flags);
  return transmit(table, fd, bytes, count, flags, NULL, 0);
}

WAITS(ssize_t, sendto, (int fd, const void *bytes, size_t count, int flags, const struct sockaddr *address,
        socklen_t length),
      (fd, bytes, count, flags, address, length)) {
  const credirect_table *table;
  if ((flags & MSG_DONTWAIT) != 0 || (table = spending_table(fd)) == NULL) {
    return real_sendto()(fd, bytes, count, flags, address, length);
  }
  return transmit(table, fd, bytes, count, flags, address, length);
}

// ---- Messages -----------------------------------------------------------------------------------------------------

static ssize_t scatter(struct waiting *waiting, const struct msghdr *message, int flags, size_t done,
                       struct rest *rest) {
  short failed = FAILED;
  if (done > 0) copy_the_rest(&flags, &failed);
  for (;;) {
    struct msghdr part = *message;
    if (done > 0) {
      if (!credirect_rest(rest, message->msg_iov, message->msg_iovlen, done)) return (ssize_t)done;
      part.msg_iov = rest->parts;
      part.msg_iovlen = rest->count;
      // Control data have gone with the first bytes.
      part.msg_control = NULL;
      part.msg_controllen = 0;
    }
    ssize_t result = real_sendmsg()(waiting->fd, &part, flags | MSG_DONTWAIT);
    if (result >= 0) {
      done += (size_t)result;
      waiting->fruitless = 0;
      int error = finish_opening(waiting, &flags);
      if (error != 0) return fail(error);
      // Only now, when the kernel has read the parts, is it known that they can be.
      if (result == 0 || done >= credirect_total(message->msg_iov, message->msg_iovlen)) return (ssize_t)done;
      copy_the_rest(&flags, &failed);
    } else if (errno == EINTR) {
      continue;
    } else if (credirect_is_connecting(errno)) {
      int error = credirect_wait_to_connect(waiting);
      if (error != 0) return fail(error);
      flags &= ~MSG_FASTOPEN;
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = wait_for_room(waiting, done > 0, failed);
    if (error != 0) return error < 0 ? (ssize_t)done : fail(error);
  }
}

// Sends a message of which `done` bytes have gone.
static ssize_t send_message(const credirect_table *table, int fd, const struct msghdr *message, int flags,
                            size_t done) {
  struct waiting waiting = WAITING(table, fd, POLLOUT, SO_SNDTIMEO);
  struct rest rest = {0};
  ssize_t result = scatter(&waiting, message, flags, done, &rest);
  credirect_free_rest(&rest);
  return result;
}

WAITS(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags)) {
  const credirect_table *table;
  if (message == NULL || (flags & MSG_DONTWAIT) != 0 || (table = spending_table(fd)) == NULL) {
    return real_sendmsg()(fd, message, flags);
  }
  return send_message(table, fd, message, flags, 0);
}

WAITS(int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags), (fd, messages, count, flags)) {
  const credirect_table *table;
  bool is_plain = messages == NULL || count == 0 || (flags & MSG_DONTWAIT) != 0;
  if (is_plain || (table = spending_table(fd)) == NULL) return real_sendmmsg()(fd, messages, count, flags);
  // As the kernel: the program sees by what is returned that there are more.
  if (count > IOV_MAX) count = IOV_MAX;
  struct waiting waiting = WAITING(table, fd, POLLOUT, SO_SNDTIMEO);
  unsigned done = 0;
  for (;;) {
    int result = real_sendmmsg()(fd, messages + done, count - done, flags | MSG_DONTWAIT);
    if (result > 0) {
      waiting.fruitless = 0;
      done += (unsigned)result;
      int opening = flags;
      int error = finish_opening(&waiting, &opening);
      if (error != 0) return fail(error);
      // Of the last, a part only may have gone.
      struct mmsghdr *last = &messages[done - 1];
      if (last->msg_len < credirect_total(last->msg_hdr.msg_iov, last->msg_hdr.msg_iovlen)) {
        last->msg_len = (unsigned)send_message(table, fd, &last->msg_hdr, opening, last->msg_len);
        if (last->msg_len < credirect_total(last->msg_hdr.msg_iov, last->msg_hdr.msg_iovlen)) return (int)done;
      }
      if (done == count) return (int)done;
      continue;
    }
    if (errno == EINTR) continue;
    if (done == 0 && credirect_is_connecting(errno)) {
      int error = credirect_wait_to_connect(&waiting);
      if (error != 0) return fail(error);
      // Those after the first are refused for the flag.
      ssize_t first = send_message(table, fd, &messages[0].msg_hdr, flags & ~MSG_FASTOPEN, 0);
      if (first < 0) return -1;
      messages[done++].msg_len = (unsigned)first;
      if (done == count) return (int)done;
      continue;
    }
    if (errno != EAGAIN) return done > 0 ? (int)done : -1;
    int error = wait_for_room(&waiting, done > 0, (flags & MSG_ZEROCOPY) != 0 ? POLLHUP : FAILED);
    if (error != 0) return error < 0 ? (int)done : fail(error);
  }
}

ALIAS(send, __send)
ALIAS(sendmmsg, __sendmmsg)
