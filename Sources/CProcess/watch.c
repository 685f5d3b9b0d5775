// Connections of a worker that have no thread.

#include "cprocess_watch.h"

#include <stddef.h>
#include <sys/epoll.h>

#define AT_ONCE 64

int cprocess_watch_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int add(int watch, int fd, uint32_t how) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | how, .data.fd = fd};
  return epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event);
}

int cprocess_watch_add(int watch, int fd) { return add(watch, fd, 0); }

int cprocess_watch_add_arrivals(int watch, int fd) { return add(watch, fd, EPOLLET); }

void cprocess_watch_remove(int watch, int fd) { epoll_ctl(watch, EPOLL_CTL_DEL, fd, NULL); }

int cprocess_watch_ready(int watch, int *fds, int most) {
  struct epoll_event events[AT_ONCE];
  int count = epoll_wait(watch, events, most < AT_ONCE ? most : AT_ONCE, 0);
  for (int i = 0; i < count; i++) fds[i] = events[i].data.fd;
  return count < 0 ? 0 : count;
}
