#include "extension.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

// The time of a request, where its code computes and waits for nothing that could fail: a thread of its own has
// RequestTimeout raised there, as PyThreadState_SetAsyncExc does. Code that waits meets the deadline in its wait.
//
// All of it but the count and the time of the next look is changed with the GIL held.

#define GRACE 50000000    // after which it is known whether a wait has ended by the deadline
#define AGAIN 1000000000  // after which code that was told, and still computes, is told again

static int64_t request_time;  // 0: any
static PyObject *exception;
static gf_deadline *first, *last;
static int waker = -1;
static _Atomic int count;
static _Atomic int64_t next_look;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Whether the code knows from a wait that its time is over, or will know: that once it may clean up before it is told again.
static int is_told_by_wait(gf_deadline *one) {
  if (!one->fiber) return 0;
  if (greenpython_wait_ends_by_deadline(one->fiber)) return 1;
  return !one->is_told && greenpython_has_met_deadline(one->fiber);
}

// Returns when to look again.
static int64_t look(int64_t time) {
  int64_t next = time + request_time;
  for (gf_deadline *one = first; one; one = one->next) {
    if (one->due <= time) {
      if (!(one->is_over && one->is_over(one)) && !is_told_by_wait(one)) {
        PyThreadState_SetAsyncExc(one->thread, exception);
        one->is_raised = 1;
      }
      one->is_told = 1;
      one->due = time + AGAIN;
    }
    if (one->due < next) next = one->due;
  }
  return next;
}

static void sleep_until(int64_t time) {
  int64_t left = time - now();
  if (left <= 0) return;
  struct pollfd entry = {.fd = waker, .events = POLLIN};
  struct timespec limit = {left / 1000000000, left % 1000000000};
  uint64_t woken;
  if (ppoll(&entry, 1, &limit, NULL) > 0) (void)!read(waker, &woken, sizeof woken);
}

static void *watch(void *unused) {
  (void)unused;
  while (1) {
    int64_t time = now();
    // Before the count is read: a request that it does not count yet sees this time, and wakes the thread where its own is over
    // before, as that of a request is whose time began earlier.
    next_look = time + request_time;
    if (count) {
      gf_attach();
      next_look = look(time);
      gf_detach();
    }
    sleep_until(next_look);
  }
  return NULL;
}

int gf_deadlines_prepare(void) {
  request_time = greenpython_request_time();
  if (request_time == 0 || exception) return 0;
  PyObject *module = PyImport_ImportModule("greenfinch._deadline");
  if (!module) return -1;
  exception = PyObject_GetAttrString(module, "RequestTimeout");
  Py_DECREF(module);
  if (!exception) return -1;
  waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // Signals are for the thread that serves.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int error = waker < 0 ? -1 : pthread_create(&thread, NULL, watch, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) pthread_detach(thread);
  if (error) PyErr_SetString(PyExc_RuntimeError, "the thread that watches over request_timeout cannot be started");
  return error ? -1 : 0;
}

void gf_deadline_begin(gf_deadline *one) {
  if (request_time == 0) return;
  if (one->at == 0) {
    int64_t at = greenpython_deadline();
    one->at = at < 0 ? now() + request_time : at;
  }
  one->due = one->at + GRACE;
  one->thread = PyThread_get_thread_ident();
  one->fiber = greenpython_current_fiber();
  one->is_raised = one->is_told = 0;
  one->next = NULL;
  one->previous = last;
  if (last) last->next = one; else first = one;
  last = one;
  count++;
  uint64_t more = 1;
  if (one->due < next_look) (void)!write(waker, &more, sizeof more);
}

void gf_deadline_end(gf_deadline *one) {
  if (request_time == 0) return;
  if (one->previous) one->previous->next = one->next; else first = one->next;
  if (one->next) one->next->previous = one->previous; else last = one->previous;
  count--;
  // The code may have returned before it came to be raised: the next request here is another one.
  if (one->is_raised) PyThreadState_SetAsyncExc(one->thread, NULL);
}

int64_t gf_deadline_again(void) { return now() + AGAIN; }

int gf_deadline_has_passed(int64_t at) { return now() >= at; }

int gf_has_request_time(void) { return request_time != 0; }

int gf_is_request_timeout_itself(PyObject *value) { return exception && PyObject_IsInstance(value, exception) == 1; }

int gf_is_request_timeout(void) { return exception && PyErr_ExceptionMatches(exception); }
