#ifndef CFORK_H
#define CFORK_H

// What the modules do around fork(2), as one list in one order, whatever the order in which they are loaded: the process has
// one registration of pthread_atfork(3) for all of them.

#ifdef __cplusplus
extern "C" {
#endif

// In this order they are called in a child, and in the parent after the fork; before the fork in the opposite one.
typedef enum cfork_place {
  // Which thread control block goes on. The others are called with the thread's own before the fork, and with the fiber's
  // after it.
  CFORK_CONTROL_BLOCK,
  // No signal comes before the dispositions are back.
  CFORK_SIGNALS,
  CFORK_SANITIZER,
  CFORK_PARKING,
  CFORK_REDIRECT,
  // The hub is emptied.
  CFORK_HUB,
  // What stands on the hub.
  CFORK_TASKS,
  CFORK_WORKER,
  CFORK_PLACES
} cfork_place;

typedef struct cfork_handlers {
  void (*before)(void);
  void (*in_parent)(void);
  void (*in_child)(void);
  // In a child of which fork(3) does not tell, see cfork_unseen. Async-signal-safe.
  void (*in_unseen_child)(void);
} cfork_handlers;

// Whoever has the place says what is done, each NULL for nothing. Twice is as once. In any order and on any thread.
void cfork_set(cfork_place place, cfork_handlers handlers);

// 0, or why there is no list: the error number of pthread_atfork(3).
int cfork_error(void);

// This process is a child that _Fork(3), clone(2) or syscall(2) has made. Such a child may only make async-signal-safe calls
// until it calls exec or _exit. To be called by who has made it. Async-signal-safe.
void cfork_unseen(void);

// A page of zeros that the kernel empties in every child, however that was made: also by code that makes the system call
// itself. NULL where there is none to be had: Linux before 4.14.
int *cfork_wiped_page(void);

// In such a page, where there is one.
extern int *cfork_process_number;

// Gives the calling process a number, unless another thread just has.
int cfork_number_process(void);

// A number, never 0, which a process that is forked later does not have, however it was made; without such a page only one
// of which fork(3) or cfork_unseen tells. So whoever keeps it can tell a child from the process that it was asked in. Costs
// two loads. Any thread may call it.
static inline int cfork_process(void) {
  int number = __atomic_load_n(cfork_process_number, __ATOMIC_RELAXED);
  return number != 0 ? number : cfork_number_process();
}

#ifdef __cplusplus
}
#endif
#endif
