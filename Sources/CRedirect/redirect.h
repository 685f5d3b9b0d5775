// Shared by the files of CRedirect: the real calls, and the questions asked before each redirected one.

#ifndef REDIRECT_H
#define REDIRECT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CRedirect.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <time.h>

#define NEVER INT64_MAX

// The name stays visible in the executable, so that libraries loaded with it or later are bound to it too.
#define REDIRECTED __attribute__((visibility("default")))

extern _Atomic(const green_redirect_table *) green_redirect_current;

// The real function: the sanitizer's interceptor where there is one, else the next definition after ours.
void *green_redirect_find(const char *name, void *interceptor);

// This module's recv, whatever the name is bound to (stream.c).
ssize_t green_own_recv(int fd, void *buffer, size_t count, int flags) __attribute__((visibility("hidden")));

// Declares real_NAME(), a pointer to the real function, found once.
#define REAL(name)                                                                               \
  extern __typeof__(name) __interceptor_##name __attribute__((weak));                            \
  static inline __typeof__(name) *real_##name(void) {                                            \
    static _Atomic(void *) found;                                                                \
    void *function = atomic_load_explicit(&found, memory_order_relaxed);                         \
    if (__builtin_expect(function == NULL, 0)) {                                                 \
      function = green_redirect_find(#name, (void *)&__interceptor_##name);                      \
      atomic_store_explicit(&found, function, memory_order_relaxed);                             \
    }                                                                                            \
    return (__typeof__(name) *)function;                                                         \
  }

// The table when the calling code runs in a fiber, else NULL: then the call is the real call.
static inline const green_redirect_table *fiber_table(void) {
  const green_redirect_table *table = atomic_load_explicit(&green_redirect_current, memory_order_acquire);
  return table != NULL && table->in_fiber() ? table : NULL;
}

static inline int64_t monotonic_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// A deadline that lies `nanoseconds` ahead, without overflow.
static inline int64_t deadline_after(int64_t nanoseconds) {
  int64_t now = monotonic_now();
  return nanoseconds > NEVER - now ? NEVER : now + nanoseconds;
}

// Seconds and nanoseconds as nanoseconds, at most NEVER.
static inline int64_t nanoseconds_of(int64_t seconds, int64_t nanoseconds) {
  return seconds > NEVER / 1000000000 - 1 ? NEVER : seconds * 1000000000 + nanoseconds;
}

// ---- Descriptors (descriptors.c) ----------------------------------------------------------------------------------

enum descriptor_kind {
  KIND_UNKNOWN,
  KIND_SOCKET,   // recv and send with MSG_DONTWAIT
  KIND_STREAM,   // pipes and the like: preadv2 and pwritev2 with RWF_NOWAIT
  KIND_WAITABLE, // can be polled but not tried: terminals
  KIND_DIRECT,   // never waits in a way that can be waited for: files, directories
};

enum descriptor_kind green_kind_of(int fd);
// The kind was wrong, since the descriptor was replaced unseen: look again.
enum descriptor_kind green_kind_again(int fd);
void green_kind_is(int fd, enum descriptor_kind kind);
int green_is_nonblocking(int fd);
// When a wait for fd must end by its SO_RCVTIMEO or SO_SNDTIMEO.
int64_t green_socket_deadline(int fd, int option);

// The deadline of a call that has not had to wait yet.
#define UNASKED INT64_MIN
// What a call does that would wait: 0 when it may be tried again, else its errno. The descriptor's flag and the socket's
// timeout (`option`, 0 for none) are asked once a call; that timeout's end is EAGAIN, see socket(7).
int green_wait_to_retry(const green_redirect_table *table, int fd, short events, int option, int64_t *deadline);

// ---- Waiting under an address (parking.c) -------------------------------------------------------------------------

// Parks the fiber under an address while validate holds. `recheck`: the waker may be one that cannot be seen, so look
// again after a while, up to the deadline. Returns as the table's park does, and 0 when it is time to look again.
int green_park(const green_redirect_table *table, const void *address, bool (*validate)(void *), void *context,
               int64_t deadline, unsigned *recheck);
// Wakes fibers parked under an address; one atomic load when there are none.
void green_unpark(const void *address, bool all);

#endif
