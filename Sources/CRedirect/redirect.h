// Shared by the files of CRedirect: the real calls, and the questions asked before each redirected one.

#ifndef REDIRECT_H
#define REDIRECT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CRedirect.h"

#include <CFiber.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/single_threaded.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

#define NEVER INT64_MAX

// A variable of the thread, also for a fiber that has thread-locals of its own: declared as OF_THREAD, used by way of
// GREEN_OF_THREAD.
#define OF_THREAD _Thread_local __attribute__((tls_model("initial-exec")))

// The name stays visible in the executable, so that libraries loaded with it or later are bound to it too.
#define REDIRECTED __attribute__((visibility("default")))

// Of an entry point whose name libdispatch has too: where that is linked in, libdispatch's own stands. Not weak under
// ThreadSanitizer, which has weak ones: ours go before them, and call them.
#define REDIRECTED_DISPATCH __attribute__((weak)) REDIRECTED
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#undef REDIRECTED_DISPATCH
#define REDIRECTED_DISPATCH REDIRECTED
#endif
#endif

// Some functions are called before a sanitizer can take the notes that it puts into all code, or after it has stopped.
#if defined(__has_attribute)
#if __has_attribute(disable_sanitizer_instrumentation)
#define EARLY __attribute__((disable_sanitizer_instrumentation))
#endif
#endif
#ifndef EARLY
#define EARLY
#endif

// A second name of an entry point of the same file.
#define ALIAS(name, other) REDIRECTED extern __typeof__(name) other __attribute__((alias(#name)));

// The head of an entry point that may wait: errno is its error, and where it succeeded what it was before. What it tries
// meanwhile, and the other fibers, change that word.
#define WAITS(type, name, parameters, arguments)                                                 \
  static inline type waiting_##name parameters;                                                  \
  REDIRECTED type name parameters {                                                              \
    int saved = errno;                                                                           \
    type result = waiting_##name arguments;                                                      \
    spend(sizeof(type) == sizeof(ssize_t) && result > 0 ? result : 0);                           \
    return settled(result, saved);                                                               \
  }                                                                                              \
  static inline type waiting_##name parameters

// What a thread's calls may still cost before a fiber among them gives way (budget.c), and what one costs: as much as its
// bytes, and as much as 16 KB for itself.
extern OF_THREAD int64_t credirect_budget_of_thread __attribute__((visibility("hidden")));
static inline void spend_bytes(ssize_t bytes) { GREEN_OF_THREAD(credirect_budget_of_thread) -= bytes; }
static inline void spend(ssize_t bytes) { spend_bytes(bytes + (16 << 10)); }

static inline ssize_t settled(ssize_t result, int saved) {
  if (result != -1) errno = saved;
  return result;
}

extern _Atomic(const credirect_table *) credirect_current;

// The real function: the sanitizer's interceptor where there is one, else the next definition after ours.
void *credirect_find(const char *name, void *interceptor);

// The same of a name that glibc has several of: that of a version, such as "GLIBC_2.3.2", where there is one. A file whose
// functions are such defines `credirect_find(name, interceptor)` as this, before REAL.
void *credirect_find_version(const char *name, void *interceptor, const char *version)
    __attribute__((visibility("hidden")));

// This module's recv, whatever the name is bound to (stream.c).
ssize_t credirect_own_recv(int fd, void *buffer, size_t count, int flags) __attribute__((visibility("hidden")));

// Declares real_NAME(), a pointer to the real function, found once, and when this code is loaded: later, a constructor of
// a library that waits for a thread would hold the lock of the loader, which that thread's first call would need.
#define REAL(name)                                                                               \
  extern __typeof__(name) __interceptor_##name __attribute__((weak));                            \
  EARLY static inline __typeof__(name) *real_##name(void) {                                      \
    static _Atomic(void *) found;                                                                \
    void *function = atomic_load_explicit(&found, memory_order_relaxed);                         \
    if (__builtin_expect(function == NULL, 0)) {                                                 \
      function = credirect_find(#name, (void *)&__interceptor_##name);                      \
      atomic_store_explicit(&found, function, memory_order_relaxed);                             \
    }                                                                                            \
    return (__typeof__(name) *)function;                                                         \
  }                                                                                              \
  EARLY __attribute__((constructor)) static void find_real_##name(void) { (void)real_##name(); }

// The families that are switched on, as bits (enum credirect_family).
extern _Atomic unsigned credirect_families;

// Whether dispatch_sync is libdispatch's own, see dispatch.h; whether the calling code is inside one of its queues.
extern bool credirect_dispatch_is_out_of_reach __attribute__((visibility("hidden")));
bool credirect_dispatch_is_inside(void) __attribute__((visibility("hidden")));

// The table when the calling code runs in a fiber and the family is switched on, else NULL: then the call is the real
// call.
static inline const credirect_table *family_table(unsigned family) {
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  if (table == NULL || !cfiber_in_fiber()) return NULL;
  if (__builtin_expect(credirect_dispatch_is_out_of_reach, 0) && (family & GREEN_LOCKS) == 0 &&
      credirect_dispatch_is_inside()) {
    return NULL;
  }
  return (atomic_load_explicit(&credirect_families, memory_order_relaxed) & family) != 0 ? table : NULL;
}

// A file that defines entry points says before it includes this which family they are of.
#ifndef FAMILY
#define FAMILY (~0u)
#endif
static inline const credirect_table *fiber_table(void) { return family_table(FAMILY); }

// The same for calls that often find at once what they want: where the budget is used up, others have their turn first.
// `fd`: what it is about, -1 for several.
void credirect_give_way(const credirect_table *table, int fd);

// Before a fork, and in the child of one (forked.c).
void credirect_note_forking(void);
void credirect_forget_initialisers(void);
void credirect_forget_once(void);
void credirect_set_home(void);
void credirect_forget_parked(void);
void credirect_forget_writers(void);
void credirect_forget_semaphores(void);
void credirect_forget_scans(void);
void credirect_forget_timer(void);
void credirect_forget_signals(void);
void credirect_forget_lookers(void);
static inline const credirect_table *spending_table(int fd) {
  const credirect_table *table = fiber_table();
  if (table != NULL && GREEN_OF_THREAD(credirect_budget_of_thread) < 0) credirect_give_way(table, fd);
  return table;
}

static inline int fail(int error) {
  errno = error;
  return -1;
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

static inline bool is_valid_time(const struct timespec *time) {
  return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000;
}

// ---- Keys (specific.c, key_owners.c) ------------------------------------------------------------------------------

// pthread_key_create, called by the code at `caller`.
int credirect_create_key(unsigned *key, void (*destructor)(void *), const void *caller);
// Whether that code is of a library whose keys belong to the fiber.
bool credirect_makes_fiber_keys(const void *caller);

// ---- Descriptors (kinds.c) ----------------------------------------------------------------------------------------

enum descriptor_kind {
  KIND_UNKNOWN,
  KIND_SOCKET,   // recv and send with MSG_DONTWAIT
  KIND_STREAM,   // pipes and the like: preadv2 and pwritev2 with RWF_NOWAIT
  KIND_WAITABLE, // can be polled but not tried: terminals
  KIND_DIRECT,   // never waits in a way that can be waited for: files, directories
};

enum descriptor_kind credirect_kind_of(int fd);
// Whether a failed attempt (errno) shows that the kind was wrong, since the descriptor was replaced unseen or does not
// know the flag: then another way is to be tried.
bool credirect_corrects_kind(int fd, enum descriptor_kind *kind);
void credirect_forget_kind(int fd);
void credirect_forget_kinds(unsigned first, unsigned last);
// A descriptor was made: what is known under its number is of an earlier one. Gives the descriptor back.
int credirect_opened(int fd);
bool credirect_is_nonblocking(int fd);
bool credirect_is_stream_socket(int fd);

// ---- Closing (closing.c, lingering.c) -----------------------------------------------------------------------------

// fd is about to be closed or replaced: what `credirect_descriptor_closed` is to be given after it.
bool credirect_descriptor_closing(int fd);
void credirect_descriptor_closed(int fd, bool was_watched);
// These numbers are about to be closed: the eventfds of semaphores among them are not used any more (semaphore_slots.c).
void credirect_forget_slots(unsigned first, unsigned last);
// Whether this is no child of vfork(2), which shares the memory and has descriptors of its own (handlers.c).
bool credirect_is_home(void);
// In a fiber, of a socket whose last close would wait (SO_LINGER): a copy, which is then closed by another thread, while
// the fiber waits. -1 for none.
int credirect_copy_to_linger(int fd);
void credirect_linger(int copy);
// In a fiber, of a FIFO that fopen(3) or freopen(3) in this mode would wait for: opened once the other side is, and to be held
// until theirs has found it. -1 where they do not wait; -2 with errno.
int credirect_open_fifo_for(const char *path, const char *mode);
// In a fiber, closes those sockets of a range whose close would wait, by another thread. Not ended by a cancellation.
void credirect_close_lingering(unsigned first, unsigned last);

// ---- Trying again (waiting.c) -------------------------------------------------------------------------------------

// The deadline of a call that has not had to wait yet.
#define UNASKED INT64_MIN

// One call's waits for one direction of a descriptor.
struct waiting {
  const credirect_table *table;
  int fd;
  short events; // POLLIN or POLLOUT
  int option;   // SO_RCVTIMEO or SO_SNDTIMEO, whose end is EAGAIN, see socket(7); 0 for none; ENDING
  int64_t deadline;
  unsigned fruitless; // waits since the last progress
};
#define WAITING(table, fd, events, option) {table, fd, events, option, UNASKED, 0}

// A wait ended since nothing more will come: the call returns 0.
#define ENDED (-1)
// What a call does that would wait: 0 when it may be tried again, else its errno, or ENDED. The descriptor's flag and the
// socket's timeout are asked once a call.
int credirect_wait_to_retry(struct waiting *waiting);
// The option of a call that has seen the end and has tried once more since.
#define ENDING (-1)
// Nothing more will come than is there now: 0 to try once more, and ENDED when that was done.
int credirect_wait_to_end(struct waiting *waiting);
// Whether a call that sends has failed since the socket is being connected by what is sent: MSG_FASTOPEN and
// TCP_FASTOPEN_CONNECT, tcp(7). Where it may wait, the kernel does until the socket is connected.
static inline bool credirect_is_connecting(int error) { return error == EINPROGRESS || error == EALREADY; }
// Waits for that: 0 when it may be sent to, without the flag; else the call's errno.
int credirect_wait_to_connect(struct waiting *waiting);
// Has the kernel look whether such a socket is connected by now: 0, EALREADY while it is not, or what connecting has failed
// with. 0 for what does not speak TCP (connection.c).
int credirect_finish_connecting(int fd);
// What a call returns whose wait ended with `error`.
static inline ssize_t credirect_ended(int error) { return error == ENDED ? 0 : fail(error); }
// The same for what the kernel does not announce: after a pause, 1 ms at first and 16 ms at most.
int credirect_pause_to_retry(struct waiting *waiting);
// Calls `attempt` until it succeeds, or fails with what `is_busy` is not true of; with pauses of 1 to 32 ms between, for
// what the kernel announces to nobody. EAGAIN at the deadline.
long credirect_retry(const credirect_table *table, long (*attempt)(void *context), void *context,
                 bool (*is_busy)(int error), int64_t deadline);
// When a wait for fd must end by its SO_RCVTIMEO or SO_SNDTIMEO.
int64_t credirect_socket_deadline(int fd, int option);
// Whether poll(2) says one of `events` (POLLERR, POLLHUP) of the socket. A call that has done a part leaves it to the next
// to tell of the error.
bool credirect_has(int fd, short events);
// For a descriptor that cannot be tried: waits until it is ready, unless the program wants no waiting. 0 or an errno.
int credirect_wait_untried(const credirect_table *table, int fd, short events);

// ---- Vectors and files (vectors.c, files.c) -----------------------------------------------------------------------

struct iovec;
struct msghdr;

// As many bytes as Linux moves by one call: read(2).
#define MOST_OF_ONE_CALL ((size_t)0x7ffff000)
// The bytes of a vector, as many of them as one call moves.
size_t credirect_total(const struct iovec *parts, size_t count);

// What is left of a vector.
struct rest {
  struct iovec *parts;
  size_t count;
};
// Makes `rest` what is left after `done` bytes, in memory that credirect_free_rest gives back. False without memory.
bool credirect_rest(struct rest *rest, const struct iovec *parts, size_t count, size_t done);
void credirect_free_rest(struct rest *rest);

// A read or write of a file, at an offset or (-1) where the file is; made by another thread where it is long and would
// wait for the disk.
ssize_t credirect_read_file(const credirect_table *table, int fd, const struct iovec *parts, int count, off_t offset,
                        int flags);
ssize_t credirect_write_file(const credirect_table *table, int fd, const struct iovec *parts, int count,
                         off_t offset, int flags);
bool credirect_is_long(size_t bytes);
// From how many bytes on one call keeps the thread for more than a moment, also where it finds all in memory.
#define HELD_TOO_LONG ((size_t)1 << 20)
// Whether a call that moves so many bytes between files, which the kernel may have to fetch from the disk, is made by another
// thread.
static inline bool credirect_moves_much(size_t bytes) { return credirect_is_long(bytes) || bytes > HELD_TOO_LONG; }

// ---- Swift's runtime (swift_runtime.c) -----------------------------------------------------------------------------

// Where the code of the runtime is and that of its tasks; known once the constructors have run.
struct credirect_code {
  uintptr_t start, size;
};
extern struct credirect_code credirect_runtime[2];
// Whether a call comes from Swift's runtime itself: an address in the caller's code.
static inline bool credirect_is_runtimes(const void *caller) {
  uintptr_t address = (uintptr_t)caller;
  return address - credirect_runtime[0].start < credirect_runtime[0].size
         || address - credirect_runtime[1].start < credirect_runtime[1].size;
}
// Whether this process was forked from one that had other threads.
bool credirect_is_child(void);
// In such a process: whether the thread that holds a lock was left behind in the parent, so that it will never give it back.
bool credirect_is_left_behind(int thread);

// ---- Forks and Swift's runtime (runtime_gate.c) --------------------------------------------------------------------

// The locks of the runtime that the thread, or the fiber with a thread control block of its own, has or wants.
#define RUNTIME_LOCKS 8
extern _Thread_local struct credirect_runtime_locks {
  unsigned depth;
  const void *held[RUNTIME_LOCKS];
} credirect_runtime_locks __attribute__((tls_model("initial-exec"), visibility("hidden")));
// It wants one: may wait for a fork. It has given it back: nothing where it is none. errno stays.
void credirect_enter_runtime(const void *lock);
void credirect_leave_held(const void *lock);
static inline void credirect_leave_runtime(const void *lock) {
  if (credirect_runtime_locks.depth > 0) credirect_leave_held(lock);
}
// Before a fork: nobody is inside from now on. After it, in the parent and in the child.
void credirect_close_runtime(void);
void credirect_open_runtime(void);
void credirect_forget_runtime(void);

// ---- From descriptor to descriptor (transfer.c) -------------------------------------------------------------------

// Waits until `in` has something and `out` has room: 0, or an errno; EAGAIN where the program wants no waiting.
int credirect_wait_for_both(const credirect_table *table, int in, int out);

// ---- Several descriptors (multiplex.c) ----------------------------------------------------------------------------

struct pollfd;
struct multiplex {
  // What is ready at this moment, by the real call: as poll(2) returns it.
  int (*look)(void *context);
  void *context;
  const struct pollfd *fds;
  size_t count;
  int64_t deadline;
  const sigset_t *mask; // the signals blocked while waiting, or NULL
};
int credirect_multiplex(const credirect_table *table, const struct multiplex *call);
// The deadline of a call that waits as long as `time` says, or for ever.
int64_t credirect_deadline_of(const struct timespec *time);

// ---- accept (accepting.c) -----------------------------------------------------------------------------------------

// The signal that ends an accept(2) which another process was faster in; 0 for none so far.
int credirect_interrupting_signal(void);
// On: ends the thread's next call with EINTR, or with a part, where it lasts for more than 2 ms.
void credirect_interrupt_soon(bool is_on);

// ---- Signals that fibers wait for (signals.c) ---------------------------------------------------------------------

// Whether the thread has blocked signals only because fibers of it wait for them; its mask without those.
bool credirect_holds_back(void);
sigset_t credirect_own_mask(void);
// In a child that shares the memory, before it starts a program: that mask. Async-signal-safe.
void credirect_unblock_in_child(void);

// ---- Signal handlers (handlers.c) ---------------------------------------------------------------------------------

// Whether a handler of the program runs on the calling thread.
bool credirect_in_handler(void);

// ---- Waiting under an address (parking.c) -------------------------------------------------------------------------

// Parks the fiber under an address while validate holds. `recheck`: the waker may be one that cannot be seen, so look
// again after a while, up to the deadline. Returns as the table's park does, and 0 when it is time to look again.
int credirect_park(const credirect_table *table, const void *address, bool (*validate)(void *), void *context,
               int64_t deadline, unsigned *recheck);

// By a hash of the address: how many fibers are parked, which an unlock looks at before it asks the table; and the lock whose
// unlock woke a fiber that has not had its turn yet.
#define GREEN_PARKING_BUCKETS 256
extern _Atomic unsigned credirect_parked[GREEN_PARKING_BUCKETS] __attribute__((visibility("hidden")));
extern _Atomic(const void *) credirect_handed[GREEN_PARKING_BUCKETS] __attribute__((visibility("hidden")));
static inline unsigned credirect_parking_bucket(const void *address) {
  uintptr_t hash = (uintptr_t)address >> 3;
  return (hash ^ (hash >> 8) ^ (hash >> 16)) % GREEN_PARKING_BUCKETS;
}

// Whether a fiber may be parked under an address.
static inline bool credirect_is_awaited(const void *address) {
  // The unlock before this must be seen by a fiber that counts itself now, or its count be seen here. In the only thread
  // there is they come one after the other.
  if (!__libc_single_threaded) atomic_thread_fence(memory_order_seq_cst);
  return atomic_load_explicit(&credirect_parked[credirect_parking_bucket(address)], memory_order_relaxed) != 0;
}
// Wakes fibers parked under an address. Whether there were any.
bool credirect_unpark_any(const void *address, bool all);
static inline bool credirect_unpark(const void *address, bool all) {
  return __builtin_expect(credirect_is_awaited(address), 0) && credirect_unpark_any(address, all);
}
// The same for up to `most`; returns how many.
size_t credirect_unpark_several(const void *address, size_t most);

// To be called before a lock is tried: a fiber that its latest unlock has woken runs first, and takes it. Else who unlocks
// it and locks it again at once would never let anybody in.
void credirect_give_way_to_woken(const credirect_table *table, const void *address);
static inline void credirect_let_woken_first(const credirect_table *table, const void *address) {
  _Atomic(const void *) *mark = &credirect_handed[credirect_parking_bucket(address)];
  if (__builtin_expect(atomic_load_explicit(mark, memory_order_relaxed) == address, 0)) {
    credirect_give_way_to_woken(table, address);
  }
}

// As credirect_park, telling what is waited for.
int credirect_wait_for(const credirect_table *table, const credirect_object_wait *wait, bool (*validate)(void *),
                   void *context, int64_t deadline, unsigned *recheck);

// ---- Who holds what (holders.c) -----------------------------------------------------------------------------------

// One fiber of this thread that holds something, known by its address.
struct holder {
  const void *address;
  uintptr_t fiber;
  unsigned depth;    // how often the fiber holds it
  bool is_exclusive; // nobody else holds it
  struct holder *next;
};

// Most are let go of before another is noted. So there is a place for one of each thread, whose address is NULL while it is
// free, and lists for those that are noted meanwhile.
extern OF_THREAD struct holder credirect_noted_of_thread __attribute__((visibility("hidden")));
extern OF_THREAD size_t credirect_listed_of_thread __attribute__((visibility("hidden")));
#define credirect_noted GREEN_OF_THREAD(credirect_noted_of_thread)
#define credirect_listed GREEN_OF_THREAD(credirect_listed_of_thread)
struct holder *credirect_find_listed(const void *address, uintptr_t fiber, bool is_exclusive);
struct holder *credirect_list(const void *address, uintptr_t fiber, bool is_exclusive);
void credirect_unlist(struct holder *holder);

// A lock that one may hold is found under its address; of one that several may hold, each one's part.
static inline struct holder *credirect_holder(const void *address) {
  struct holder *noted = &credirect_noted;
  if (noted->address == address && noted->is_exclusive) return noted;
  return credirect_listed == 0 ? NULL : credirect_find_listed(address, 0, true);
}
static inline struct holder *credirect_holder_by(const void *address, uintptr_t fiber) {
  struct holder *noted = &credirect_noted;
  if (noted->address == address && noted->fiber == fiber && !noted->is_exclusive) return noted;
  return credirect_listed == 0 ? NULL : credirect_find_listed(address, fiber, false);
}
static inline struct holder *credirect_note(const void *address, uintptr_t fiber, bool is_exclusive) {
  struct holder *noted = &credirect_noted;
  if (noted->address != NULL) return credirect_list(address, fiber, is_exclusive);
  noted->address = address;
  noted->fiber = fiber;
  noted->depth = 1;
  noted->is_exclusive = is_exclusive;
  return noted;
}
// NULL without memory.
static inline struct holder *credirect_hold(const void *address, uintptr_t fiber) {
  return credirect_note(address, fiber, true);
}
static inline struct holder *credirect_hold_by(const void *address, uintptr_t fiber) {
  return credirect_note(address, fiber, false);
}
static inline void credirect_let_go(struct holder *holder) {
  if (holder == &credirect_noted) holder->address = NULL;
  else credirect_unlist(holder);
}
// The member `holder` of a credirect_object_wait.
uint64_t credirect_holder_number(const void *address, unsigned index);
// Whether any fiber of this thread holds anything.
static inline bool credirect_holds_anything(void) { return credirect_noted.address != NULL || credirect_listed > 0; }

// A callback of the loop runs on a hub's thread and in none of its fibers, none of which goes on before it returns.
static inline bool is_callback(void) {
  const cfiber_fiber *running = cfiber_current();
  return __builtin_expect(running != NULL && running->slab == NULL, 0);
}
// To be called by a callback that is about to wait for `object`, "the pthread mutex", which the fiber of this number holds,
// 0 for none: where it is of the same hub the process ends with a sentence.
void credirect_refuse_callback(const char *object, uint64_t number);

// ---- Locks (mutex.c) ----------------------------------------------------------------------------------------------

// What is wrong with a time glibc says best.
bool credirect_is_valid_time(const struct timespec *time);
// A time of a clock as a deadline.
int64_t credirect_deadline(clockid_t clock, const struct timespec *time);

// ---- Threads (threads.c) ------------------------------------------------------------------------------------------

// Calls body(context) on another thread, for as long as it takes, whatever happens to the fiber. Without a thread to be
// had it blocks this one.
void credirect_on_thread(const credirect_table *table, void (*body)(void *), void *context);

// Has a thread of the offload pool make a call, and waits for its end: its result, with errno as the call has left it. Made
// here where no thread can be had, and without a table (offload.c).
ssize_t credirect_offload(const credirect_table *table, ssize_t (*body)(void *context), void *context);
// The same on threads of which there may be many, for calls that may last for ever.
ssize_t credirect_offload_long(const credirect_table *table, ssize_t (*body)(void *context), void *context);

// ---- Forks by syscall(2) (fork.c, syscall.c) ----------------------------------------------------------------------

struct system_call {
  long number, arguments[6];
};
// Whether it makes a process with a copy of this one's memory; makes one.
bool credirect_is_fork(const struct system_call *call);
long credirect_fork(const struct system_call *call);
long credirect_real_syscall(long number, long a, long b, long c, long d, long e, long f);

// ---- Children (children.c) ----------------------------------------------------------------------------------------

// Whether this process has traced another (tracing.c).
bool credirect_is_tracing(void);
// Waits until one of the children of waitid(2) may have changed as the options say, or there is none: 0, ECANCELED, ETIMEDOUT,
// or another errno where that cannot be waited for (looking.c).
int credirect_look_for_change(const credirect_table *table, idtype_t type, id_t id, int options);

#endif
