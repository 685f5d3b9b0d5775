// recv(2), recvfrom(2), recvmsg(2), recvmmsg(2).
//
// MSG_WAITALL is not the kernel's business when it may not wait: it is gathered here. What has come before an error or
// an end is returned, and the next call tells of that.

#define FAMILY GREEN_SOCKETS
#include "redirect.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

REAL(recv)
REAL(recvfrom)
REAL(recvmsg)
REAL(recvmmsg)

// What these flags ask for is answered at once.
#define AT_ONCE (MSG_DONTWAIT | MSG_ERRQUEUE)

// Whether the kernel would wait for all that is asked for. A Unix socket gives only the first part to one that peeks.
static bool waits_for_all(int fd, int flags) {
  if ((flags & MSG_WAITALL) == 0 || !credirect_is_stream_socket(fd)) return false;
  int domain = AF_UNIX;
  socklen_t size = sizeof domain;
  return (flags & MSG_PEEK) == 0 ||
         (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain != AF_UNIX);
}

// After an attempt that found `done` bytes of more: 0 to try again, ENDED to return what there is, else an errno.
static int wait_for_more(struct waiting *waiting, int flags, size_t done) {
  int error;
  // Urgent data are not waited for.
  if ((flags & MSG_OOB) != 0 && credirect_is_stream_socket(waiting->fd)) return EAGAIN;
  if (done > 0 && credirect_has(waiting->fd, POLLERR)) return ENDED;
  if (done > 0 && (flags & MSG_PEEK) != 0) {
    // What is peeked at stays, so that the descriptor is ready all the time.
    error = credirect_has(waiting->fd, POLLRDHUP | POLLHUP) ? credirect_wait_to_end(waiting)
                                                           : credirect_pause_to_retry(waiting);
  } else {
    error = credirect_wait_to_retry(waiting);
  }
  return error != 0 && done > 0 ? ENDED : error;
}

// ---- recv and recvfrom --------------------------------------------------------------------------------------------

static ssize_t receive(const credirect_table *table, int fd, void *buffer, size_t count, int flags,
                       struct sockaddr *address, socklen_t *length) {
  struct waiting waiting = WAITING(table, fd, POLLIN, SO_RCVTIMEO);
  socklen_t room = length != NULL ? *length : 0;
  size_t done = 0;
  if (count > MOST_OF_ONE_CALL) count = MOST_OF_ONE_CALL;
  for (;;) {
    size_t from = (flags & MSG_PEEK) != 0 ? 0 : done;
    if (length != NULL) *length = room;
    ssize_t result = real_recvfrom()(fd, (char *)buffer + from, count - from, flags | MSG_DONTWAIT, address, length);
    if (result >= 0) {
      if (result > 0) waiting.fruitless = 0;
      done = from + (size_t)result;
      if (result == 0 || done >= count || !waits_for_all(fd, flags)) return (ssize_t)done;
    } else if (errno == EINTR) {
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = wait_for_more(&waiting, flags, done);
    // Nothing more will come: the plain call says so without waiting.
    if (error == ENDED && done == 0) return real_recvfrom()(fd, buffer, count, flags, address, length);
    if (error != 0) return error == ENDED ? (ssize_t)done : fail(error);
  }
}

WAITS(ssize_t, recv, (int fd, void *buffer, size_t count, int flags), (fd, buffer, count, flags)) {
  const credirect_table *table;
  if ((flags & AT_ONCE) != 0 || (table = spending_table(fd)) == NULL) return real_recv()(fd, buffer, count, flags);
  return receive(table, fd, buffer, count, flags, NULL, NULL);
}

WAITS(ssize_t, recvfrom, (int fd, void *buffer, size_t count, int flags, struct sockaddr *address, socklen_t *length),
      (fd, buffer, count, flags, address, length)) {
  const credirect_table *table;
  if ((flags & AT_ONCE) != 0 || (table = spending_table(fd)) == NULL) {
    return real_recvfrom()(fd, buffer, count, flags, address, length);
  }
  return receive(table, fd, buffer, count, flags, address, length);
}

// ---- recvmsg ------------------------------------------------------------------------------------------------------

// What the program sees of a message that was received into `part`.
static void hand_over(struct msghdr *message, const struct msghdr *part) {
  message->msg_namelen = part->msg_namelen;
  message->msg_controllen = part->msg_controllen;
  message->msg_flags = part->msg_flags;
}

static ssize_t gather(struct waiting *waiting, struct msghdr *message, int flags, struct rest *rest) {
  const struct msghdr asked = *message;
  struct msghdr part = asked;
  size_t done = 0;
  for (;;) {
    ssize_t result = real_recvmsg()(waiting->fd, &part, flags | MSG_DONTWAIT);
    if (result >= 0) {
      if (result > 0) waiting->fruitless = 0;
      done = (flags & MSG_PEEK) != 0 ? (size_t)result : done + (size_t)result;
      hand_over(message, &part);
      if (result == 0 || !waits_for_all(waiting->fd, flags)) return (ssize_t)done;
      if (done >= credirect_total(asked.msg_iov, asked.msg_iovlen)) return (ssize_t)done;
      // Control data belong to the bytes they came with: the kernel too stops after them.
      if (part.msg_controllen > 0) return (ssize_t)done;
      if ((flags & MSG_PEEK) == 0 && !credirect_rest(rest, asked.msg_iov, asked.msg_iovlen, done)) return (ssize_t)done;
    } else if (errno == EINTR) {
      continue;
    } else if (errno != EAGAIN) {
      return done > 0 ? (ssize_t)done : -1;
    }
    int error = wait_for_more(waiting, flags, done);
    if (error == ENDED && done == 0) return real_recvmsg()(waiting->fd, message, flags);
    if (error != 0) return error == ENDED ? (ssize_t)done : fail(error);
    part = asked;
    if (rest->parts != NULL) {
      part.msg_iov = rest->parts;
      part.msg_iovlen = rest->count;
    }
  }
}

WAITS(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags)) {
  const credirect_table *table;
  if (message == NULL || (flags & AT_ONCE) != 0 || (table = spending_table(fd)) == NULL) {
    return real_recvmsg()(fd, message, flags);
  }
  struct waiting waiting = WAITING(table, fd, POLLIN, SO_RCVTIMEO);
  struct rest rest = {0};
  ssize_t result = gather(&waiting, message, flags, &rest);
  credirect_free_rest(&rest);
  return result;
}

// ---- recvmmsg -----------------------------------------------------------------------------------------------------

// What is left until the deadline, in `left`: whether there is any.
static bool has_time_left(int64_t deadline, struct timespec *left) {
  int64_t rest = deadline - monotonic_now();
  if (rest < 0) rest = 0;
  left->tv_sec = rest / 1000000000;
  left->tv_nsec = rest % 1000000000;
  return rest > 0;
}

// One after the other, where each is to be full.
static int receive_full(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *time) {
  int64_t deadline = credirect_deadline_of(time);
  int once = flags & ~MSG_WAITFORONE;
  for (unsigned done = 0;;) {
    ssize_t result = recvmsg(fd, &messages[done].msg_hdr, once);
    if (result < 0) return done > 0 ? (int)done : -1;
    messages[done++].msg_len = (unsigned)result;
    if (done == count || (time != NULL && !has_time_left(deadline, time))) return (int)done;
    if (credirect_has(fd, POLLERR)) return (int)done;
    if ((flags & MSG_WAITFORONE) != 0) once |= MSG_DONTWAIT;
  }
}

// A socket that was shut down, as the plain call tells it: by an empty message.
static int receive_nothing(int fd, struct mmsghdr *messages, unsigned done) {
  int result = real_recvmmsg()(fd, messages + done, 1, 0, NULL);
  return result > 0 || done == 0 ? (int)done + result : (int)done;
}

// As Linux has it: the time is looked at after each message, and does not end a wait for one that never comes.
WAITS(int, recvmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *time),
      (fd, messages, count, flags, time)) {
  const credirect_table *table;
  bool is_plain = messages == NULL || count == 0 || (flags & AT_ONCE) != 0;
  if (is_plain || (time != NULL && !is_valid_time(time)) || (table = spending_table(fd)) == NULL) {
    return real_recvmmsg()(fd, messages, count, flags, time);
  }
  if ((flags & MSG_WAITALL) != 0) return receive_full(fd, messages, count, flags, time);
  struct waiting waiting = WAITING(table, fd, POLLIN, SO_RCVTIMEO);
  int64_t deadline = credirect_deadline_of(time);
  unsigned done = 0;
  for (;;) {
    // With a time, it is to be looked at after each.
    unsigned most = time != NULL ? 1 : count - done;
    int result = real_recvmmsg()(fd, messages + done, most, (flags & ~MSG_WAITFORONE) | MSG_DONTWAIT, NULL);
    if (result > 0) {
      waiting.fruitless = 0;
      done += (unsigned)result;
      if (done == count || (time != NULL && !has_time_left(deadline, time))) return (int)done;
      // Some more may be there already.
      if (time != NULL || (flags & MSG_WAITFORONE) == 0) continue;
      return (int)done;
    }
    if (errno == EINTR) continue;
    if (done > 0 && (errno != EAGAIN || (flags & MSG_WAITFORONE) != 0 || credirect_has(fd, POLLERR))) return (int)done;
    if (errno != EAGAIN || ((flags & MSG_OOB) != 0 && credirect_is_stream_socket(fd))) return -1;
    int error = credirect_wait_to_retry(&waiting);
    if (error == ENDED) return receive_nothing(fd, messages, done);
    if (error != 0) return done > 0 ? (int)done : fail(error);
  }
}

ALIAS(recv, __recv)

// What credirect_bound compares with.
extern __typeof__(recv) credirect_own_recv __attribute__((alias("recv"), visibility("hidden")));
