// The least scheduler there can be on CFiber's switch: a ready queue linked through the fibers' records, no loop, no
// timers, no limits. What Green's hub costs beside it is the price of what it does more.

#ifndef SCHEDULER_H
#define SCHEDULER_H

#include "CFiber.h"

struct record {
  cfiber_fiber *next;
  cfiber_fiber *joiner;
};

static cfiber_fiber *root, *first, *last, *finished;
static cfiber_pool *pool;

static inline struct record *record(cfiber_fiber *fiber) { return cfiber_record(fiber); }

static inline void ready(cfiber_fiber *fiber) {
  record(fiber)->next = NULL;
  if (first) record(last)->next = fiber;
  else first = fiber;
  last = fiber;
}

// The next that is ready, the root where none is.
static inline cfiber_fiber *next(void) {
  cfiber_fiber *fiber = first;
  if (!fiber) return root;
  first = record(fiber)->next;
  return fiber;
}

// A fiber's stack is taken back by whoever runs after its last switch.
static inline void reap(void) {
  if (finished) cfiber_recycle(pool, finished);
  finished = NULL;
}

static inline void park(void) {
  cfiber_switch(next());
  reap();
}

static inline void yield(void) {
  ready(cfiber_current());
  park();
}

static inline cfiber_fiber *spawn(cfiber_entry entry, void *argument) {
  cfiber_fiber *fiber = cfiber_create(pool, entry, argument);
  if (fiber) ready(fiber);
  return fiber;
}

// The last statement of a fiber's function.
static inline void finish(void) {
  finished = cfiber_current();
  if (record(finished)->joiner) ready(record(finished)->joiner);
  cfiber_finish(next());
}

static inline void join(cfiber_fiber *fiber) {
  record(fiber)->joiner = cfiber_current();
  park();
}

// Runs until no fiber is ready, as the root.
static inline void run(void) {
  while (first) park();
}

static inline void start_scheduler(void) {
  root = cfiber_thread_attach();
  pool = cfiber_pool_create(0);
}

#endif
