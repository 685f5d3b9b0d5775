#define _GNU_SOURCE

#include "green_worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

int green_worker_forked;

static green_scoreboard *owned_board;
static int *owned_descriptors;
static size_t owned_count;

// Runs in the child, where other threads may have held any lock: only async-signal-safe calls.
static void disown(void) {
  if (green_worker_forked) return;
  green_worker_forked = 1;
  green_signals_disown();
  green_scoreboard_disown(owned_board);
  for (size_t i = 0; i < owned_count; i++) close(owned_descriptors[i]);
}

int green_worker_own(green_scoreboard *board, const int *descriptors, size_t count) {
  int *copy = malloc((count ? count : 1) * sizeof *copy);
  if (!copy) return -1;
  memcpy(copy, descriptors, count * sizeof *copy);
  owned_board = board;
  owned_descriptors = copy;
  owned_count = count;
  int error = pthread_atfork(NULL, NULL, disown);
  if (error) errno = error;
  return error ? -1 : 0;
}
