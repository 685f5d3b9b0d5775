#define _GNU_SOURCE

#include "cprocess_worker.h"

#include <CFork.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static int owner = 1;
const volatile int *cprocess_worker_owner = &owner;

static cprocess_scoreboard *owned_board;
static int *owned_descriptors;
static size_t owned_count;

// Where the other threads may have held any lock: only async-signal-safe calls.
void cprocess_worker_disown(void) {
  static bool is_done;
  if (is_done || owned_board == NULL) return;
  is_done = true;
  owner = 0;
  cprocess_worker_owner = &owner;
  cprocess_scoreboard_disown(owned_board);
  size_t count = __atomic_load_n(&owned_count, __ATOMIC_RELAXED);
  for (size_t i = 0; i < count; i++) close(owned_descriptors[i]);
}

// Where there is no such page, there are the forks that are seen.
static void watch_forks(void) {
  int *page = cfork_wiped_page();
  if (page == NULL) return;
  *page = 1;
  cprocess_worker_owner = page;
}

void cprocess_worker_keep(size_t count) {
  if (count < owned_count) __atomic_store_n(&owned_count, count, __ATOMIC_RELAXED);
}

int cprocess_worker_own(cprocess_scoreboard *board, const int *descriptors, size_t count) {
  int *copy = malloc((count ? count : 1) * sizeof *copy);
  if (!copy) return -1;
  memcpy(copy, descriptors, count * sizeof *copy);
  owned_board = board;
  owned_descriptors = copy;
  owned_count = count;
  watch_forks();
  cfork_set(CFORK_WORKER, (cfork_handlers){.in_child = cprocess_worker_disown, .in_unseen_child = cprocess_worker_disown});
  if (cfork_error()) errno = cfork_error();
  return cfork_error() ? -1 : 0;
}
