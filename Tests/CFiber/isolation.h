#ifndef ISOLATION_H
#define ISOLATION_H

// Shared by the tests of fibers that have thread control blocks of their own.

#include "check.h"

#include <pthread.h>

extern cfiber_pool *isolation_pool;

void yield_to_root(void);
cfiber_fiber *make_isolated(cfiber_entry entry, void *argument);

// Runs so many fibers by turns until all have ended, by `end_isolated`. Each is given its number, from 2 on.
#define MOST 100
void run_isolated(cfiber_entry entry, int count);
void end_isolated(void) __attribute__((noreturn));
// How many have not ended.
extern int alive;

// An entry that adds one to an int, twice, and returns.
void return_from_entry(void *argument);
// One that switches two hundred times, and watches over `isolation_number` and its allocations.
void switch_often(void *argument);
extern _Thread_local int isolation_number;

// A mutex with these attributes: PTHREAD_MUTEX_, PTHREAD_MUTEX_ROBUST or _STALLED, PTHREAD_PRIO_.
pthread_mutex_t mutex_of(int kind, int robust, int protocol);

// Runs `body` in a child, so that what hangs ends by an alarm: its status.
int in_isolated_child(void (*body)(void));

void isolation_state_tests(void);
void isolation_process_tests(void);

#endif
