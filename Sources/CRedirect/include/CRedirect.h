#ifndef CREDIRECT_H
#define CREDIRECT_H

// libc's blocking calls, defined once more so that they wait in a loop when a fiber makes them.
//
// CRedirect defines the entry points and keeps their POSIX semantics; how to wait is asked of a table of functions
// that the module above fills in. Until the table is there, and outside fibers, a call is the real call.

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pollfd;

// What the entry points are about. Each can be switched off, as gevent's patch_all(socket=False, ...) does.
typedef enum credirect_family {
  GREEN_SLEEP = 1 << 0,
  GREEN_DESCRIPTORS = 1 << 1,
  GREEN_SOCKETS = 1 << 2,
  GREEN_MULTIPLEXING = 1 << 3,
  GREEN_NAMES = 1 << 4,
  GREEN_PROCESSES = 1 << 5,
  GREEN_SIGNALS = 1 << 6,
  GREEN_STREAMS = 1 << 7,
  GREEN_LOCKS = 1 << 8,
  GREEN_THREADS = 1 << 9,
  // Only seen, not made to wait: cannot be switched off.
  GREEN_BOOKKEEPING = 1 << 30,
} credirect_family;

// Something known by its address that a fiber waits for: a lock, a condition, a semaphore.
typedef struct credirect_object_wait {
  const void *address;
  // For dumps and reports: "the pthread mutex".
  const char *name;
  // The numbers of the fibers that hold it, one after the other; 0 after the last. NULL where nobody can hold it.
  uint64_t (*holder)(const void *address, unsigned index);
  // Called once the fiber is queued, and a wake cannot be missed any more. NULL for nothing.
  void (*queued)(void *context);
  // Whether another thread, or the kernel, is sure to bring it about. Then the fiber's own deadline and its cancellation end the
  // wait: not for locks, whose owner must get its turn.
  bool comes_from_outside;
  // Set by credirect_wait_for: whether the deadline is only when to look again, and the fiber will wait until it has the
  // object; and whether it has looked again already.
  bool is_endless, is_again;
} credirect_object_wait;

struct addrinfo;
struct sockaddr;

// Deadlines are nanoseconds of CLOCK_MONOTONIC; INT64_MAX is never. All but closing, closed, highest_watched
// and unpark are called only in a fiber.
//
// What ends a wait is an errno. EAGAIN: the deadline given to it passed. ETIMEDOUT: a deadline that the fiber itself is
// under passed. ECANCELED: the fiber was cancelled. With one of the last two every further wait ends so too, each after
// one turn of the ready queue, and a call that can complete without waiting still completes.
typedef struct credirect_table {
  // Parks until the deadline. 0 when it passed; else ETIMEDOUT or ECANCELED.
  int (*sleep_until)(int64_t deadline);
  // Parks until fd may be ready for events (POLLIN or POLLOUT), or has failed. 0 to try again; else an errno as above,
  // or EBADF: closed while waiting.
  int (*wait_descriptor)(int fd, short events, int64_t deadline);
  // Parks until one of the descriptors may be ready: 0, or an errno as above.
  int (*wait_descriptors)(const struct pollfd *fds, size_t count, int64_t deadline);
  // fd is about to be closed or replaced: wakes what waits for it in this thread's hub. Called on any thread, before the
  // real call; returns what `closed` is to be given after it, which tells the hubs of other threads.
  bool (*closing)(int fd);
  void (*closed)(int fd, bool was_watched);
  // fd was made: what is known under its number is of an earlier one, whose close nobody saw. Called on any thread.
  void (*opened)(int fd);
  // No descriptor above this one has ever been waited for; -1 for none at all.
  int (*highest_watched)(void);
  // Parks the fiber under an address, if `validate(context)` still holds once it is queued. Returns 0 when it was woken
  // or validate was false, EAGAIN at the deadline. Nothing else ends it: for locks, whose owner must get its turn.
  int (*park)(const void *address, bool (*validate)(void *context), void *context, int64_t deadline);
  // The same, but also the fiber's own deadline and its cancellation end it: ETIMEDOUT, ECANCELED.
  int (*park_interruptibly)(const void *address, bool (*validate)(void *context), void *context, int64_t deadline);
  // Wakes those parked under an address: one, or all. Called on any thread. Returns how many.
  size_t (*unpark)(const void *address, bool all);
  // The calling fiber has made many calls that did not wait: goes round the ready queue, unless another fiber ran between.
  void (*spent_slice)(void);
  // Goes round the ready queue.
  void (*give_way)(void);
  // Calls body(context) on a thread of the offload pool while the fiber is parked; returns when it has returned. Nothing
  // ends it before, since the context may lie on the caller's stack. 0, or an errno of pthread_create(3) when no thread
  // can be had: then the body has not been called. errno in the body is the other thread's.
  int (*offload)(void (*body)(void *context), void *context);
  // The counter that, above zero, makes the calls of the running fiber pass straight through; NULL outside fibers.
  // Called on any thread, and in signal handlers.
  unsigned *(*bypass)(void);

  // ---- Objects known by their address, other fibers, other threads ----

  // Parks the fiber under the object's address as park does, and tells what is waited for.
  int (*wait_for_object)(const credirect_object_wait *wait, bool (*validate)(void *context), void *context,
                         int64_t deadline);
  // A callback of a hub's loop, on its thread but in no fiber, is about to wait for `object`, "the pthread mutex", which a
  // fiber holds: where that is one of the same hub, ends the process with a sentence. `bits`: the lowest 30 of its number.
  void (*refuse_callback)(const char *object, uint32_t bits);
  // A word of the calling fiber's, NULL at first and outside fibers; `ending` is called with it at the fiber's end, in
  // the fiber.
  void **(*word)(void);
  // As offload, on threads of which there may be many, for calls that may take for ever.
  int (*offload_long)(void (*body)(void *context), void *context);
  // The same, but the fiber's deadline and cancellation end the wait: ETIMEDOUT or ECANCELED. Then the body is called all
  // the same. On any failure `drop` frees the context when that is no longer used.
  int (*offload_droppable)(void (*body)(void *context), void *context, void (*drop)(void *context));
  // Calls `body` in the calling fiber's hub, outside any fiber, when fd is readable, until unwatch. `ended` is called
  // instead when the hub ends before, or goes on in a forked child.
  void *(*watch)(int fd, void (*body)(void *context), void (*ended)(void *context), void *context);
  void (*unwatch)(void *watcher);

  // ---- Names ----

  // As getaddrinfo(3). `list` is freed by freeaddrinfo(3).
  int (*address_info)(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **list);
  // The name of an internet address's host as getnameinfo(3) tells it, without a service.
  int (*host_name)(const struct sockaddr *address, unsigned length, char *host, unsigned size, int flags);
} credirect_table;

// Room for a table that lives as long as the process.
credirect_table *credirect_storage(void);
// Switches the redirect on, once, for the life of the process. The table must stay valid.
void credirect_install(const credirect_table *table);
bool credirect_installed(void);
// Whether the program's calls of libc come here. Not where this code was loaded by dlopen(3), into a program whose names
// are bound already.
bool credirect_bound(void);
// Whether dispatch_sync comes here. Not in a program that libdispatch was linked into without Swift's driver: there a fiber
// that is inside a queue blocks its thread, except for locks.
bool credirect_follows_dispatch(void);
// Which families are redirected, as bits; all at first. To be set before fibers run.
void credirect_set_families(unsigned families);
unsigned credirect_get_families(void);
// From how many bytes a read or write of a file that would wait for the disk is made by another thread; SIZE_MAX, as at
// first, for never.
void credirect_set_file_offload(size_t bytes);

// The entry points, as entries.def lists them.
typedef struct credirect_entry {
  const char *name;
  unsigned family;
  const char *page;    // of the manual, such as "recv(2)"
  const char *promise; // what it does in a fiber
} credirect_entry;
// NULL after the last.
const credirect_entry *credirect_entry_at(size_t index);

// Keys that belong to the fiber, see specific.c: one key; or all that the calling thread creates between 1 and -1.
bool credirect_make_fiber_local(unsigned key);
void credirect_count_fiber_keys(int change);
// The keys that a library creates from now on, by its name without what comes after a point or a dash ("libcrypto", whose
// keys are so at first). 0; EINVAL; ENAMETOOLONG; ENOSPC beyond 32.
int credirect_make_keys_fiber_local(const char *library);
// To be called with a fiber's word, in the fiber, when it ends.
void credirect_fiber_ends(void *word);

#ifdef __cplusplus
}
#endif
#endif
