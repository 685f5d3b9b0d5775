#ifndef GREEN_SCOREBOARD_H
#define GREEN_SCOREBOARD_H

// The scoreboard: memory without a file that the master and its workers share. Each worker writes its own slot, the
// others read it. Every access is one atomic load or store; nothing here waits or takes a lock, so that a worker that
// dies at any moment leaves the scoreboard usable.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GREEN_SCORE_LINE 64  // bytes of a cache line
#define GREEN_ACTIVITY_BYTES 128
#define GREEN_SCORE_SLOT_LIMIT 8192  // while workers are replaced there are two for each place

enum {
  GREEN_SCORE_GONE = 0,
  GREEN_SCORE_STARTING = 1,
  GREEN_SCORE_READY = 2,
  GREEN_SCORE_DRAINING = 3,
};

// One worker's. What every accept of every sibling reads is in the first cache line, the text after it.
typedef struct green_score_slot {
  uint32_t state;
  int32_t pid;
  int64_t heartbeat;  // nanoseconds of CLOCK_MONOTONIC
  uint32_t open;      // connections
  uint32_t capacity;  // how many connections it can have open
  uint64_t accepted;  // connections, and what a replacement began with
  uint64_t requests;
  uint32_t waits_for_client;  // whether its only thread waits for a client, and not for its own code
  uint32_t generation;        // which of the programs that the server was told to run
  char padding[GREEN_SCORE_LINE - 48];
  char activity[GREEN_ACTIVITY_BYTES];
} green_score_slot;

_Static_assert(sizeof(green_score_slot) % GREEN_SCORE_LINE == 0, "a slot is whole cache lines");

typedef struct green_scoreboard green_scoreboard;

// Makes a scoreboard of which `slots` slots are in use, all gone, with room for as many as `room`, and its descriptor
// (close-on-exec). Room that was never used takes no memory. NULL with errno.
green_scoreboard *green_scoreboard_create(int slots, int room, int *descriptor);
// Maps an inherited one. NULL with errno; EINVAL when it is not a scoreboard of this version.
green_scoreboard *green_scoreboard_map(int descriptor);
void green_scoreboard_unmap(green_scoreboard *board);

int green_scoreboard_room(const green_scoreboard *board);
// How many slots are in use, from the first. The master changes it, up to the room.
int green_scoreboard_count(const green_scoreboard *board);
void green_scoreboard_set_count(green_scoreboard *board, int count);
// The slot at an index between 0 and the room.
green_score_slot *green_scoreboard_slot(green_scoreboard *board, int index);
// Whether the whole server is stopping, and not only this worker.
int green_scoreboard_stopping(const green_scoreboard *board);
void green_scoreboard_set_stopping(green_scoreboard *board);

// Cut to GREEN_ACTIVITY_BYTES - 1 bytes. A reader may see half of an old and half of a new text, never past its end.
void green_score_set_activity(green_score_slot *slot, const void *bytes, size_t count);
void green_score_activity(const green_score_slot *slot, char text[GREEN_ACTIVITY_BYTES]);

#define GREEN_SCORE_FIELD(type, name)                                               \
  static inline type green_score_##name(const green_score_slot *slot) {             \
    return __atomic_load_n(&slot->name, __ATOMIC_RELAXED);                          \
  }                                                                                 \
  static inline void green_score_set_##name(green_score_slot *slot, type value) {   \
    __atomic_store_n(&slot->name, value, __ATOMIC_RELAXED);                         \
  }
GREEN_SCORE_FIELD(uint32_t, state)
GREEN_SCORE_FIELD(int32_t, pid)
GREEN_SCORE_FIELD(int64_t, heartbeat)
GREEN_SCORE_FIELD(uint32_t, open)
GREEN_SCORE_FIELD(uint32_t, capacity)
GREEN_SCORE_FIELD(uint64_t, accepted)
GREEN_SCORE_FIELD(uint64_t, requests)
GREEN_SCORE_FIELD(uint32_t, waits_for_client)
GREEN_SCORE_FIELD(uint32_t, generation)
#undef GREEN_SCORE_FIELD

// Counting, from any thread of the worker.
static inline void green_score_add_open(green_score_slot *slot, int32_t change) {
  __atomic_fetch_add(&slot->open, (uint32_t)change, __ATOMIC_RELAXED);
}
static inline void green_score_add_accepted(green_score_slot *slot) {
  __atomic_fetch_add(&slot->accepted, 1, __ATOMIC_RELAXED);
}
static inline void green_score_add_request(green_score_slot *slot) {
  __atomic_fetch_add(&slot->requests, 1, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif
#endif
