#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CFork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

typedef _Atomic(void (*)(void)) handler;

static struct {
  handler before, in_parent, in_child, in_unseen_child;
} list[CFORK_PLACES];

static void call(handler *one) {
  void (*function)(void) = atomic_load(one);
  if (function) function();
}

int *cfork_wiped_page(void) {
#ifdef MADV_WIPEONFORK
  size_t size = (size_t)sysconf(_SC_PAGESIZE);
  void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return NULL;
  if (madvise(page, size, MADV_WIPEONFORK) == 0) return page;
  munmap(page, size);
#endif
  return NULL;
}

// The number where there is no page that the kernel empties.
static int plain_number;
int *cfork_process_number = &plain_number;

int cfork_number_process(void) {
  // A child goes on from its parent's.
  static int last;
  int number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED), known = 0;
  bool is_first = __atomic_compare_exchange_n(
      cfork_process_number, &known, number, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return is_first ? number : known;
}

static void before_fork(void) {
  for (int place = CFORK_PLACES - 1; place >= 0; place--) call(&list[place].before);
}

static void in_parent(void) {
  for (int place = 0; place < CFORK_PLACES; place++) call(&list[place].in_parent);
}

static void in_child(void) {
  __atomic_store_n(&plain_number, 0, __ATOMIC_RELAXED);
  for (int place = 0; place < CFORK_PLACES; place++) call(&list[place].in_child);
}

void cfork_unseen(void) {
  __atomic_store_n(&plain_number, 0, __ATOMIC_RELAXED);
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
  int *page = cfork_wiped_page();
  if (page != NULL) cfork_process_number = page;
}
