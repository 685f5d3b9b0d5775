#ifndef CLIBEV_H
#define CLIBEV_H

// libev as plain functions: its macros wrapped, so that Swift can call them. Names are libev's with a `c` before.

#include <ev.h>

static inline void cev_io_init(ev_io *watcher, void (*callback)(struct ev_loop *, ev_io *, int), int fd, int events) {
  ev_io_init(watcher, callback, fd, events);
}
static inline void cev_timer_init(ev_timer *watcher, void (*callback)(struct ev_loop *, ev_timer *, int), double after) {
  ev_timer_init(watcher, callback, after, 0.);
}
static inline void cev_timer_set(ev_timer *watcher, double after) { ev_timer_set(watcher, after, 0.); }
static inline void cev_async_init(ev_async *watcher, void (*callback)(struct ev_loop *, ev_async *, int)) {
  ev_async_init(watcher, callback);
}
// Once, before the first loop: from then on libev tells a watcher by EV_ERROR that the kernel refuses its descriptor, and
// does not end the process.
void cev_prepare(void);
// In a watcher's callback that was told of EV_ERROR: why, as an errno. 0 where the kernel would watch it now.
int cev_refusal(int fd);
static inline int cev_io_is_active(const ev_io *watcher) { return ev_is_active(watcher); }

#endif
