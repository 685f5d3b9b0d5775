// The least scheduler there can be on CFiber's switch: a ready queue linked through the fibers' records, no loop, no
// timers, no limits. What Green's hub costs beside it is the price of what it does more.

#ifndef SCHEDULER_H
#define SCHEDULER_H

#include "CFiber.h"

struct record {
  green_fiber *next;
  green_fiber *joiner;
};

static green_fiber *root, *first, *last, *finished;
static green_pool *pool;

static inline struct record *record(green_fiber *fiber) { return green_fiber_record(fiber); }

static inline void ready(green_fiber *fiber) {
  record(fiber)->next = NULL;
  if (first) record(last)->next = fiber;
  else first = fiber;
  last = fiber;
}

// The next that is ready, the root where none is.
static inline green_fiber *next(void) {
  green_fiber *fiber = first;
  if (!fiber) return root;
  first = record(fiber)->next;
  return fiber;
}

// A fiber's stack is taken back by whoever runs after its last switch.
static inline void reap(void) {
  if (finished) green_fiber_recycle(pool, finished);
  finished = NULL;
}

static inline void park(void) {
  green_switch(next());
  reap();
}

static inline void yield(void) {
  ready(green_current());
  park();
}

static inline green_fiber *spawn(green_entry entry, void *argument) {
  green_fiber *fiber = green_fiber_create(pool, entry, argument);
  if (fiber) ready(fiber);
  return fiber;
}

// The last statement of a fiber's function.
static inline void finish(void) {
  finished = green_current();
  if (record(finished)->joiner) ready(record(finished)->joiner);
  green_finish(next());
}

static inline void join(green_fiber *fiber) {
  record(fiber)->joiner = green_current();
  park();
}

// Runs until no fiber is ready, as the root.
static inline void run(void) {
  while (first) park();
}

static inline void start_scheduler(void) {
  root = green_thread_attach();
  pool = green_pool_create(0);
}

#endif
