// connect(2).
//
// It has no flag for "this call only does not wait", so O_NONBLOCK is set for the moment of the call and put back before
// anything else can run on this thread.

#define FAMILY GREEN_SOCKETS
#include "redirect.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

REAL(connect)
REAL(fcntl)

static void restore(int fd, int flags) {
  int saved = errno;
  real_fcntl()(fd, F_SETFL, flags);
  errno = saved;
}

static int connect_once(int fd, int flags, const struct sockaddr *address, socklen_t length) {
  real_fcntl()(fd, F_SETFL, flags | O_NONBLOCK);
  int result = real_connect()(fd, address, length);
  restore(fd, flags);
  return result;
}

int credirect_finish_connecting(int fd) {
  int saved = errno, error = 0, flags = real_fcntl()(fd, F_GETFL);
  struct tcp_info information;
  struct sockaddr_storage address;
  socklen_t size = sizeof information, length = sizeof address;
  bool is_tcp = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &information, &size) == 0 &&
                getsockname(fd, (struct sockaddr *)&address, &length) == 0;
  // The address does not matter any more.
  if (is_tcp && connect_once(fd, flags, (struct sockaddr *)&address, length) != 0 && errno != EISCONN) error = errno;
  errno = saved;
  return error;
}

WAITS(int, connect, (int fd, const struct sockaddr *address, socklen_t length), (fd, address, length)) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_connect()(fd, address, length);
  int flags = real_fcntl()(fd, F_GETFL);
  if (flags < 0 || (flags & O_NONBLOCK) != 0) return real_connect()(fd, address, length);
  int result = connect_once(fd, flags, address, length);
  if (result == 0 || (errno != EINPROGRESS && errno != EALREADY && errno != EAGAIN && errno != EINTR)) return result;
  int64_t deadline = credirect_socket_deadline(fd, SO_SNDTIMEO);
  // A Unix socket whose listener has a full backlog answers EAGAIN, and there is nothing to wait for but time.
  for (int64_t pause = 1000000; result != 0 && errno == EAGAIN; pause = pause < 64000000 ? pause * 2 : pause) {
    int64_t next = deadline_after(pause);
    int error = table->sleep_until(next < deadline ? next : deadline);
    if (error != 0) return fail(error);
    if (deadline != NEVER && monotonic_now() >= deadline) return fail(EAGAIN);
    result = connect_once(fd, flags, address, length);
    if (result == 0 || (errno != EAGAIN && errno != EINPROGRESS && errno != EINTR)) return result;
  }
  do {
    int error = table->wait_descriptor(fd, POLLOUT, deadline);
    // connect(2): a blocking connect that runs into SO_SNDTIMEO fails with EINPROGRESS.
    if (error != 0) return fail(error == EAGAIN ? EINPROGRESS : error);
    // To ask again, not to ask for SO_ERROR, ends the connecting in the kernel's eyes too.
    result = connect_once(fd, flags, address, length);
  } while (result != 0 && (errno == EALREADY || errno == EINPROGRESS || errno == EINTR));
  return result;
}

ALIAS(connect, __connect)
