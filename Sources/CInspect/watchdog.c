// The watchdog's timer and its signal handler.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"
#include "include/CInspectWatchdog.h"

#include <CFiber.h>
#include <CReport.h>
#include <CSignalsChain.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

struct cinspect_watchdog {
  int64_t limit;
  cinspect_watched hub;
  void (*report)(void *context, const cinspect_sample *sample);
  void *context;

  timer_t timer;
  bool has_timer;
  int64_t armed_until;       // 0 when it is not
  volatile bool waiting;     // in the loop's poll
  bool ran_out;              // while it waited: nothing is armed until a fiber runs
  // Of the loop itself, which runs others' callbacks between these:
  int64_t acquired;
  uint64_t switches_when_acquired;

  uint64_t suspect;          // which resume is under suspicion, and since when it has surely run
  int64_t suspect_since;
  bool has_suspect;
  volatile bool has_sample;
  bool is_over;              // the sampled slice has ended
  bool was_told;             // and was reported while it went on
  cinspect_sample sample;
};

// Unsafe: read in the handler, which runs on this thread only. See cfiber_running for the model.
static _Thread_local cinspect_watchdog *watchdog_of_thread __attribute__((tls_model("initial-exec")));
#define own_watchdog GREEN_OF_THREAD(watchdog_of_thread)

static int64_t clock_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// ---- The timer -----------------------------------------------------------------------------------------------------

static void arm(cinspect_watchdog *watchdog, int64_t time) {
  struct itimerspec setting = {.it_value = {.tv_sec = time / 1000000000, .tv_nsec = time % 1000000000}};
  watchdog->armed_until = time;
  timer_settime(watchdog->timer, TIMER_ABSTIME, &setting, NULL);
}

static bool make_timer(cinspect_watchdog *watchdog) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGURG;
  event.sigev_value.sival_ptr = watchdog;
  event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
  watchdog->armed_until = 0;
  watchdog->has_timer = timer_create(CLOCK_MONOTONIC, &event, &watchdog->timer) == 0;
  return watchdog->has_timer;
}

// ---- The line about what never gives the thread back ---------------------------------------------------------------

static void tell_at_once(const cinspect_sample *sample, int64_t held) {
  struct text text = {.count = 0};
  text_add(&text, CREPORT_PREFIX);
  if (sample->fiber) {
    text_add(&text, "fiber ");
    text_add_number(&text, sample->fiber, 10);
    if (sample->name[0]) {
      text_add(&text, " \"");
      text_add(&text, sample->name);
      text_add(&text, "\"");
    }
  } else {
    text_add(&text, "a callback of the loop");
  }
  text_add(&text, " has held the thread for ");
  text_add_number(&text, (uint64_t)held / 1000000, 10);
  text_add(&text, " ms, and nothing else runs");
  if (sample->cause == CINSPECT_FUTEX) text_add(&text, "; it waits for a lock or semaphore that blocks the thread");
  text_add(&text, "; its calls, for swift demangle:");
  text_write(&text);
  cinspect_write_places(sample->addresses, sample->count);
}

// ---- The handler ---------------------------------------------------------------------------------------------------

// What the interrupted code did. A system call that is going to be restarted shows its number.
static enum cinspect_cause cause_of(const ucontext_t *context) {
#if defined(__x86_64__)
  const unsigned char *instruction = (const unsigned char *)context->uc_mcontext.gregs[REG_RIP];
  long long result = context->uc_mcontext.gregs[REG_RAX];
  if (instruction[0] == 0x0f && instruction[1] == 0x05) {
    return result == SYS_futex ? CINSPECT_FUTEX : CINSPECT_SYSTEM_CALL;
  }
  // One that the kernel never restarts: its number is gone. Reading two bytes back cannot leave the page in which the
  // instruction lies without there being one that leads to here.
  bool follows = ((uintptr_t)instruction & 4095) >= 2 && instruction[-2] == 0x0f && instruction[-1] == 0x05;
  return follows && result == -EINTR ? CINSPECT_SYSTEM_CALL : CINSPECT_COMPUTES;
#elif defined(__aarch64__)
  const uint32_t *instruction = (const uint32_t *)context->uc_mcontext.pc;
  const uint32_t call = 0xd4000001;  // svc #0
  bool restarts = instruction[0] == call;
  bool follows = ((uintptr_t)instruction & 4095) >= 4 && instruction[-1] == call &&
                 (long long)context->uc_mcontext.regs[0] == -EINTR;
  if (!restarts && !follows) return CINSPECT_COMPUTES;
  return context->uc_mcontext.regs[8] == SYS_futex ? CINSPECT_FUTEX : CINSPECT_SYSTEM_CALL;
#else
  (void)context;
  return CINSPECT_COMPUTES;
#endif
}

static void take_sample(cinspect_watchdog *watchdog, const void *context) {
  cinspect_sample *sample = &watchdog->sample;
  cfiber_fiber *fiber = cfiber_current();
  bool is_fiber = fiber && fiber->slab;
  sample->fiber = is_fiber ? fiber->id : 0;
  sample->parent = 0;
  sample->name[0] = 0;
  if (is_fiber) {
    const char *record = cfiber_record(fiber);
    memcpy(sample->name, fiber->name, sizeof sample->name);
    memcpy(&sample->parent, record + watchdog->hub.parent_offset, sizeof sample->parent);
    memcpy(&sample->site_file, record + watchdog->hub.site_offset, sizeof sample->site_file);
    memcpy(&sample->site_line, record + watchdog->hub.site_offset + sizeof sample->site_file, sizeof sample->site_line);
  }
  sample->since = watchdog->suspect_since;
  sample->held = 0;
  sample->cause = cause_of(context);
  sample->count = cinspect_interrupted_calls(context, sample->addresses, CINSPECT_SAMPLE_CALLS);
  watchdog->is_over = false;
  watchdog->was_told = false;
  watchdog->has_sample = true;
  *watchdog->hub.observed = 1;
}

// Since when the present slice has surely run.
static int64_t slice_start(const cinspect_watchdog *watchdog, int64_t now) {
  uint64_t switches = *watchdog->hub.switches;
  if (cfiber_current() && !cfiber_current()->slab) {
    return switches == watchdog->switches_when_acquired ? watchdog->acquired : now;
  }
  bool is_first = switches == *watchdog->hub.switches_at_turn + 1;
  return is_first && *watchdog->hub.virtual_now == 0 ? *watchdog->hub.turn_time : now;
}

static void look(cinspect_watchdog *watchdog, const void *context) {
  watchdog->armed_until = 0;
  // A loop that waits needs no timer. It is set again when a fiber has become ready; that this signal wakes the loop is
  // no reason.
  if (watchdog->waiting) {
    watchdog->ran_out = true;
    *watchdog->hub.observed = 1;
    return;
  }
  int64_t now = clock_now();
  uint64_t switches = *watchdog->hub.switches;
  if (!watchdog->has_suspect || watchdog->suspect != switches) {
    watchdog->has_suspect = true;
    watchdog->suspect = switches;
    watchdog->suspect_since = slice_start(watchdog, now);
  }
  int64_t held = now - watchdog->suspect_since;
  if (held < watchdog->limit) {
    arm(watchdog, watchdog->suspect_since + watchdog->limit);
  } else if (!watchdog->has_sample) {
    take_sample(watchdog, context);
    arm(watchdog, watchdog->suspect_since + 10 * watchdog->limit);
  } else if (!watchdog->is_over && !watchdog->was_told) {
    watchdog->was_told = true;
    tell_at_once(&watchdog->sample, held);
  }
}

static struct sigaction previous_action;

static void handle(int signal, siginfo_t *info, void *context) {
  int saved = errno;
  cinspect_watchdog *watchdog = own_watchdog;
  if (info->si_code == SI_TIMER) {
    if (watchdog && info->si_value.sival_ptr == watchdog && watchdog->has_timer) look(watchdog, context);
  } else {
    csignals_call(&previous_action, signal, info, context);
  }
  errno = saved;
}

static void install(void) {
  static atomic_bool installed;
  if (!atomic_exchange(&installed, true)) csignals_take_over(SIGURG, handle, SA_RESTART, &previous_action);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGURG);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// ---- The hub's side ------------------------------------------------------------------------------------------------

cinspect_watchdog *cinspect_watchdog_start(
    int64_t limit, const cinspect_watched *watched,
    void (*report)(void *context, const cinspect_sample *sample), void *context) {
  cinspect_watchdog *watchdog = calloc(1, sizeof *watchdog);
  if (!watchdog) return NULL;
  watchdog->limit = limit;
  watchdog->hub = *watched;
  watchdog->report = report;
  watchdog->context = context;
  install();
  if (!make_timer(watchdog)) {
    int error = errno;
    free(watchdog);
    errno = error;
    return NULL;
  }
  watchdog->acquired = clock_now();
  watchdog->switches_when_acquired = *watched->switches;
  own_watchdog = watchdog;
  arm(watchdog, watchdog->acquired + limit);
  return watchdog;
}

void cinspect_watchdog_stop(cinspect_watchdog *watchdog) {
  own_watchdog = NULL;
  if (watchdog->has_timer) timer_delete(watchdog->timer);
  free(watchdog);
}

void cinspect_watchdog_restart(cinspect_watchdog *watchdog) {
  watchdog->has_timer = false;
  watchdog->ran_out = false;
  watchdog->has_suspect = false;
  watchdog->has_sample = false;
  if (make_timer(watchdog)) arm(watchdog, clock_now() + watchdog->limit);
}

int cinspect_watchdog_switched(cinspect_watchdog *watchdog) {
  if (!watchdog->has_sample || watchdog->is_over) return 0;
  watchdog->sample.held = clock_now() - watchdog->sample.since;
  watchdog->is_over = true;
  return 1;
}

void cinspect_watchdog_resumes(cinspect_watchdog *watchdog) {
  if (!watchdog->ran_out) return;
  watchdog->ran_out = false;
  arm(watchdog, clock_now() + watchdog->limit);
}

int cinspect_watchdog_is_interested(const cinspect_watchdog *watchdog) {
  return watchdog->ran_out || (watchdog->has_sample && !watchdog->is_over);
}

void cinspect_watchdog_release(void) {
  cinspect_watchdog *watchdog = own_watchdog;
  if (!watchdog) return;
  if (watchdog->has_sample) {
    cinspect_watchdog_switched(watchdog);
    watchdog->report(watchdog->context, &watchdog->sample);
    watchdog->has_sample = false;
  }
  watchdog->waiting = true;
}

void cinspect_watchdog_acquire(void) {
  cinspect_watchdog *watchdog = own_watchdog;
  if (!watchdog) return;
  int64_t now = clock_now();
  watchdog->acquired = now;
  watchdog->switches_when_acquired = *watchdog->hub.switches;
  // After these, for a handler that runs just here.
  atomic_signal_fence(memory_order_seq_cst);
  watchdog->waiting = false;
  if (watchdog->has_timer && !watchdog->ran_out && watchdog->armed_until - now < watchdog->limit - watchdog->limit / 4) {
    arm(watchdog, now + watchdog->limit);
  }
}
