// Waiting for a descriptor before its call is tried again.

#include "redirect.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

REAL(poll)

// How often in a row a descriptor may be said to be ready, and not be, before that is not believed any more. The kernel
// says so of a Unix datagram socket which sends to a receiver that is full.
#define BELIEVED 16

int64_t credirect_socket_deadline(int fd, int option) {
  struct timeval time;
  socklen_t length = sizeof time;
  if (getsockopt(fd, SOL_SOCKET, option, &time, &length) != 0) return NEVER;
  if (time.tv_sec == 0 && time.tv_usec == 0) return NEVER;
  return deadline_after(nanoseconds_of(time.tv_sec, (int64_t)time.tv_usec * 1000));
}

// Whether the call may wait at all; from then on its deadline is known.
static bool may_wait(struct waiting *waiting) {
  if (waiting->deadline != UNASKED) return true;
  if (credirect_is_nonblocking(waiting->fd)) return false;
  waiting->deadline = waiting->option != 0 ? credirect_socket_deadline(waiting->fd, waiting->option) : NEVER;
  return true;
}

// The last bytes may have come with the end: they are found by another try.
int credirect_wait_to_end(struct waiting *waiting) {
  if (waiting->option == ENDING) return ENDED;
  waiting->option = ENDING;
  return 0;
}

static bool may_have_ended(const struct waiting *waiting) {
  if (waiting->option == ENDING) return true;
  return waiting->option == SO_RCVTIMEO && credirect_has(waiting->fd, POLLRDHUP);
}

int credirect_wait_to_retry(struct waiting *waiting) {
  if (!may_wait(waiting)) return EAGAIN;
  if (waiting->fruitless >= BELIEVED) return credirect_pause_to_retry(waiting);
  // A datagram socket that was shut down is readable, has nothing, and says so to a call that waits alone.
  if (waiting->fruitless++ > 0 && may_have_ended(waiting)) return credirect_wait_to_end(waiting);
  return waiting->table->wait_descriptor(waiting->fd, waiting->events, waiting->deadline);
}

int credirect_wait_to_connect(struct waiting *waiting) {
  int began = errno;
  int error;
  do {
    error = credirect_wait_to_retry(waiting);
    if (error != 0) return error == EAGAIN ? began : error;
    error = credirect_finish_connecting(waiting->fd);
  } while (credirect_is_connecting(error));
  return error;
}

int credirect_pause_to_retry(struct waiting *waiting) {
  if (!may_wait(waiting)) return EAGAIN;
  if (waiting->deadline != NEVER && monotonic_now() >= waiting->deadline) return EAGAIN;
  if (waiting->fruitless < BELIEVED) waiting->fruitless = BELIEVED;
  unsigned doublings = waiting->fruitless++ - BELIEVED;
  int64_t next = deadline_after((int64_t)1000000 << (doublings < 4 ? doublings : 4));
  return waiting->table->sleep_until(next < waiting->deadline ? next : waiting->deadline);
}

bool credirect_has(int fd, short events) {
  struct pollfd entry = {fd, events, 0};
  return real_poll()(&entry, 1, 0) > 0 && (entry.revents & events) != 0;
}

int credirect_wait_untried(const credirect_table *table, int fd, short events) {
  if (credirect_is_nonblocking(fd)) return 0;
  struct pollfd entry = {fd, events, 0};
  while (real_poll()(&entry, 1, 0) == 0) {
    int error = table->wait_descriptor(fd, events, NEVER);
    if (error != 0) return error;
  }
  return 0;
}

long credirect_retry(const credirect_table *table, long (*attempt)(void *context), void *context,
                 bool (*is_busy)(int error), int64_t deadline) {
  for (int64_t pause = 1000000;; pause = pause < 32000000 ? pause * 2 : pause) {
    long result = attempt(context);
    if (result != -1 || !is_busy(errno)) return result;
    if (deadline != NEVER && monotonic_now() >= deadline) return fail(EAGAIN);
    int64_t next = deadline_after(pause);
    int error = table->sleep_until(next < deadline ? next : deadline);
    if (error != 0) return fail(error);
  }
}
