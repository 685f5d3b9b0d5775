#ifndef GREEN_TIMER_H
#define GREEN_TIMER_H

// Descriptors to poll for that Swift's Glibc does not show.

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A timer to poll for (timerfd), precise to microseconds where epoll's own timeout counts milliseconds. Non-blocking,
// close-on-exec; -1 with errno.
int green_timer_open(void);
// Makes the descriptor readable once, in so many nanoseconds.
int green_timer_set(int descriptor, int64_t nanoseconds);
// Makes a descriptor that has become readable unreadable again.
void green_timer_clear(int descriptor);

// A counter to poll for (eventfd): writing eight bytes makes it readable, reading eight makes it unreadable again.
// Non-blocking, close-on-exec; -1 with errno.
int green_event_open(void);

#ifdef __cplusplus
}
#endif
#endif
