// Waiting for several descriptors, as poll, select and epoll_wait do: the kernel says what is ready, the hub waits until
// something may be.
//
// The hub's loop watches for "readable" and "writable". For what it does not know (urgent data, a peer that has finished
// sending, a hang-up alone) an epoll set of this one call stands in, which is itself readable when something is ready.
// Signals that only the call's mask lets through are noticed by a signalfd.

#include "redirect.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

int64_t credirect_deadline_of(const struct timespec *time) {
  return time == NULL ? NEVER : deadline_after(nanoseconds_of(time->tv_sec, time->tv_nsec));
}

// What one call waits for, in the hub's terms.
struct watch {
  const struct pollfd *fds;
  size_t count;
  struct pollfd *own; // the list, where it is not the call's
  int others;         // an epoll set, or -1
  int signals;        // a signalfd, or -1
  int64_t pause;      // above 0 where there is no way but to look now and then
  bool is_refused;    // once already, with nothing to leave out
};

#define FIRST_PAUSE 1000000

#define KNOWN_EVENTS (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM)

// Whether the loop wakes for all that the entry asks for. A peer that has finished sending makes readable too.
static bool is_watchable(const struct pollfd *entry) {
  short events = entry->events;
  if ((events & (POLLIN | POLLRDNORM)) != 0) events &= ~POLLRDHUP;
  events &= ~(POLLERR | POLLHUP | POLLNVAL);
  return entry->fd < 0 || ((events & KNOWN_EVENTS) != 0 && (events & ~KNOWN_EVENTS) == 0);
}

static bool are_watchable(const struct multiplex *call) {
  for (size_t i = 0; i < call->count; i++) {
    if (!is_watchable(&call->fds[i])) return false;
  }
  return true;
}

// The signals that are blocked now and that the call lets through, as a signalfd; -1 for none.
static int open_signals(const sigset_t *mask) {
  sigset_t now, let_through;
  if (mask == NULL || pthread_sigmask(SIG_BLOCK, NULL, &now) != 0) return -1;
  sigemptyset(&let_through);
  bool any = false;
  for (int signal = 1; signal < _NSIG; signal++) {
    if (sigismember(&now, signal) != 1 || sigismember(mask, signal) == 1) continue;
    any = sigaddset(&let_through, signal) == 0 || any;
  }
  return any ? credirect_opened(signalfd(-1, &let_through, SFD_CLOEXEC | SFD_NONBLOCK)) : -1;
}

// Every event that the call asks of the descriptor: an epoll set knows each only once.
static uint32_t events_of(const struct multiplex *call, int fd) {
  uint32_t events = 0;
  for (size_t i = 0; i < call->count; i++) {
    if (call->fds[i].fd == fd) events |= (uint32_t)(unsigned short)call->fds[i].events;
  }
  return events;
}

// poll's events are epoll's, by number.
static bool add_others(int set, const struct multiplex *call) {
  for (size_t i = 0; i < call->count; i++) {
    if (is_watchable(&call->fds[i])) continue;
    struct epoll_event event = {.events = events_of(call, call->fds[i].fd)};
    // EPERM: a file, which is always ready, as poll has said; or never.
    if (epoll_ctl(set, EPOLL_CTL_ADD, call->fds[i].fd, &event) != 0 && errno != EEXIST && errno != EPERM) return false;
  }
  return true;
}

static void watch_for(struct watch *watch, const struct multiplex *call) {
  *watch = (struct watch){call->fds, call->count, NULL, -1, open_signals(call->mask), 0, false};
  bool are_known = are_watchable(call);
  if (are_known && watch->signals < 0) return;
  watch->own = malloc((call->count + 2) * sizeof *watch->own);
  if (!are_known) watch->others = credirect_opened(epoll_create1(EPOLL_CLOEXEC));
  if (watch->own == NULL || (!are_known && (watch->others < 0 || !add_others(watch->others, call)))) {
    watch->pause = FIRST_PAUSE;
    return;
  }
  for (size_t i = 0; i < call->count; i++) {
    watch->own[i] = call->fds[i];
    if (!is_watchable(&call->fds[i])) watch->own[i].fd = -1;
  }
  watch->own[watch->count++] = (struct pollfd){watch->others, POLLIN, 0};
  watch->own[watch->count++] = (struct pollfd){watch->signals, POLLIN, 0};
  watch->fds = watch->own;
}

static void end(struct watch *watch) {
  int saved = errno;
  free(watch->own);
  // By our own close: the loop is to forget them.
  if (watch->others >= 0) close(watch->others);
  if (watch->signals >= 0) close(watch->signals);
  errno = saved;
}

// Waits until something may have happened.
static int wait_for_any(const credirect_table *table, struct watch *watch, int64_t deadline) {
  if (watch->pause > 0) {
    int64_t next = deadline_after(watch->pause);
    if (watch->pause < 16000000) watch->pause *= 2;
    return table->sleep_until(next < deadline ? next : deadline);
  }
  if (watch->count == 0) return table->sleep_until(deadline);
  return table->wait_descriptors(watch->fds, watch->count, deadline);
}

// One that is not open and that the call does not mind: a number that the table of select(2) has no room for, which the
// kernel does not look at. Nor does the hub then. Whether there is any.
static bool leave_out_closed(struct watch *watch) {
  if (watch->own == NULL) {
    watch->own = malloc(watch->count * sizeof *watch->own);
    if (watch->own == NULL) return false;
    memcpy(watch->own, watch->fds, watch->count * sizeof *watch->own);
    watch->fds = watch->own;
  }
  bool any = false;
  for (size_t i = 0; i < watch->count; i++) {
    if (watch->own[i].fd < 0 || !credirect_has(watch->own[i].fd, POLLNVAL)) continue;
    watch->own[i].fd = -1;
    any = true;
  }
  return any;
}

// One may have been closed and opened anew meanwhile. Else the kernel does not watch it for the hub, as an epoll set in which
// the hub's own is, or which has as many in each other as there may be: it is looked at now and then.
static void go_on_without(struct watch *watch) {
  if (leave_out_closed(watch)) return;
  if (watch->is_refused) watch->pause = FIRST_PAUSE;
  watch->is_refused = true;
}

int credirect_multiplex(const credirect_table *table, const struct multiplex *call) {
  int result = call->look(call->context);
  if (result != 0 || (call->deadline != NEVER && monotonic_now() >= call->deadline)) return result;
  struct watch watch;
  watch_for(&watch, call);
  do {
    int error = wait_for_any(table, &watch, call->deadline);
    // One that was closed meanwhile is not open now: the real call says so.
    result = error == 0 || error == EAGAIN || error == EBADF ? call->look(call->context) : fail(error);
    if (result == 0 && error == EBADF) go_on_without(&watch);
  } while (result == 0 && (call->deadline == NEVER || monotonic_now() < call->deadline));
  end(&watch);
  return result;
}
