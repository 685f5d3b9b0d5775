#ifndef CPROCESS_WATCH_H
#define CPROCESS_WATCH_H

// Many descriptors as one that can be polled (epoll(7)): readable when one of them is, or has ended.

// A descriptor, or -1 with errno.
int cprocess_watch_open(void);

// 0, or -1 with errno.
int cprocess_watch_add(int watch, int fd);
// The same for one that is told of each time that more has arrived, and not for as long as there is something (EPOLLET).
int cprocess_watch_add_arrivals(int watch, int fd);
void cprocess_watch_remove(int watch, int fd);

// Those that are readable, at most `most`, without waiting; how many.
int cprocess_watch_ready(int watch, int *fds, int most);

#endif
