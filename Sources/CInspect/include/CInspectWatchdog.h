#ifndef CINSPECT_WATCHDOG_H
#define CINSPECT_WATCHDOG_H

// Notices code that keeps a hub's thread to itself. A POSIX timer sends the thread a signal (SIGURG, which nobody
// misses) when the hub has not come round for a while; the handler looks whether one fiber has run all that time, and
// takes its backtrace. While the hub comes round in time the timer is only moved on, a few times in the limit, and no
// signal is sent; while the hub waits the timer runs out once and is silent.

#include <stddef.h>
#include <stdint.h>

#define CINSPECT_SAMPLE_CALLS 96

enum cinspect_cause {
  CINSPECT_COMPUTES,     // no system call at that moment
  CINSPECT_SYSTEM_CALL,  // a system call that blocks the thread
  CINSPECT_FUTEX,        // futex(2): a lock or semaphore of the thread's
};

// Who kept the thread, and where it was when that was noticed.
typedef struct cinspect_sample {
  uint64_t fiber;        // 0: none, but the hub's own loop
  uint64_t parent;
  char name[64];
  const void *site_file;
  uint32_t site_line;
  int64_t since;         // nanoseconds of CLOCK_MONOTONIC: it has run since then at least
  int64_t held;          // nanoseconds until it gave the thread back
  enum cinspect_cause cause;
  size_t count;
  uintptr_t addresses[CINSPECT_SAMPLE_CALLS];
} cinspect_sample;

// What the handler reads of the hub. All of it belongs to the hub's thread, and outlives the watchdog.
typedef struct cinspect_watched {
  const uint64_t *switches;          // counts the fibers that were resumed
  const uint64_t *switches_at_turn;  // the same at the end of the loop's last turn,
  const int64_t *turn_time;          // and when that was, unless
  const int64_t *virtual_now;        // this is not zero
  unsigned char *observed;           // set to 1 for the hub to call what follows at each switch
  size_t parent_offset, site_offset; // in the fiber's record
} cinspect_watched;

typedef struct cinspect_watchdog cinspect_watchdog;

// Starts one for the calling thread, which is to be the hub's. `report` is called on the thread's own stack, when the
// loop has its turn. NULL with errno when there is no timer to be had.
cinspect_watchdog *cinspect_watchdog_start(
    int64_t limit, const cinspect_watched *watched,
    void (*report)(void *context, const cinspect_sample *sample), void *context);
void cinspect_watchdog_stop(cinspect_watchdog *watchdog);
// In a forked child, which has none of its parent's timers.
void cinspect_watchdog_restart(cinspect_watchdog *watchdog);

// A fiber gives the thread back. Whether it is the one that was sampled: then the loop is to have its turn.
int cinspect_watchdog_switched(cinspect_watchdog *watchdog);
// A fiber is about to run.
void cinspect_watchdog_resumes(cinspect_watchdog *watchdog);
// Whether the next switch is of interest.
int cinspect_watchdog_is_interested(const cinspect_watchdog *watchdog);

// The calling thread's loop is about to wait, and has waited.
void cinspect_watchdog_release(void);
void cinspect_watchdog_acquire(void);

#endif
