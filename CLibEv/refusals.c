// libev and descriptors that the kernel refuses.
//
// libev asks the kernel to watch a descriptor not when its watcher is started but at the loop's next turn, and Debian's
// has its assertions compiled in: where epoll_ctl(2) says EBADF, ELOOP or EINVAL it ends the process. No look beforehand
// can prevent that, since another thread may close the descriptor after the look. So libev's own calls, and only these, go
// through the functions below, which say ENOMEM instead: that libev answers as a build without assertions answers all of
// them, by telling the watcher with EV_ERROR.
//
// On other systems libev's calls are its own: kqueue tells of a refused descriptor in its answer, and libev the watcher.

#include "CLibEv.h"

#include <errno.h>
#include <fcntl.h>

#ifdef __linux__

#include "imports.h"

#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>

// The epoll that a loop of this thread has used latest; none where it polls.
static _Thread_local int latest_epoll = -1;

static int guarded_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event) {
  latest_epoll = epoll;
  int result = epoll_ctl(epoll, operation, fd, event);
  if (result < 0 && (errno == EBADF || errno == ELOOP || errno == EINVAL)) errno = ENOMEM;
  return result;
}

// The same for loops on poll(2): whoever waits is woken, and its own call tells it.
static int guarded_poll(struct pollfd *entries, nfds_t count, int timeout) {
  latest_epoll = -1;
  int result = poll(entries, count, timeout);
  for (nfds_t i = 0; result > 0 && i < count; i++)
    if (entries[i].revents & POLLNVAL) entries[i].revents = POLLERR;
  return result;
}

void cev_prepare(void) {
  cev_replace_import((void *)ev_run, "epoll_ctl", (void *)guarded_epoll_ctl);
  cev_replace_import((void *)ev_run, "poll", (void *)guarded_poll);
}

int cev_refusal(int fd) {
  if (fcntl(fd, F_GETFD) < 0) return EBADF;
  struct epoll_event event = {0};
  if (latest_epoll < 0) return 0;
  if (epoll_ctl(latest_epoll, EPOLL_CTL_ADD, fd, &event) != 0) return errno == EEXIST ? 0 : errno;
  epoll_ctl(latest_epoll, EPOLL_CTL_DEL, fd, &event);
  return 0;
}

#else

void cev_prepare(void) {}

int cev_refusal(int fd) { return fcntl(fd, F_GETFD) < 0 ? EBADF : 0; }

#endif
