#include "CFork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

typedef _Atomic(void (*)(void)) handler;

static struct {
  handler before, in_parent, in_child, in_unseen_child;
} list[CFORK_PLACES];

static void call(handler *one) {
  void (*function)(void) = atomic_load(one);
  if (function) function();
}

static void before_fork(void) {
  for (int place = CFORK_PLACES - 1; place >= 0; place--) call(&list[place].before);
}

static void in_parent(void) {
  for (int place = 0; place < CFORK_PLACES; place++) call(&list[place].in_parent);
}

static void in_child(void) {
  for (int place = 0; place < CFORK_PLACES; place++) call(&list[place].in_child);
}

void cfork_unseen(void) {
  for (int place = 0; place < CFORK_PLACES; place++) call(&list[place].in_unseen_child);
}

void cfork_set(cfork_place place, cfork_handlers handlers) {
  atomic_store(&list[place].before, handlers.before);
  atomic_store(&list[place].in_parent, handlers.in_parent);
  atomic_store(&list[place].in_child, handlers.in_child);
  atomic_store(&list[place].in_unseen_child, handlers.in_unseen_child);
}

static int error;

int cfork_error(void) { return error; }

// Before others register theirs: what these do before a fork finds everything as it is, and after it, as it will be.
__attribute__((constructor(101))) static void register_list(void) {
  error = pthread_atfork(before_fork, in_parent, in_child);
}
