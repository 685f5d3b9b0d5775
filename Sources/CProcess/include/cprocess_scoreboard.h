#ifndef CPROCESS_SCOREBOARD_H
#define CPROCESS_SCOREBOARD_H

// The scoreboard: memory without a file that the master and its workers share. Each worker writes its own slot, the
// others read it. Every access is one atomic load or store; nothing here waits or takes a lock, so that a worker that
// dies at any moment leaves the scoreboard usable.

#include <stddef.h>
#include <stdint.h>

#include "cprocess_metrics.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CPROCESS_SCORE_LINE 64  // bytes of a cache line
#define CPROCESS_ACTIVITY_BYTES 128
#define CPROCESS_TICKET_KEY_BYTES 80
#define CPROCESS_TICKET_KEYS 3
#define CPROCESS_SCORE_SLOT_LIMIT 8192  // while workers are replaced there are two for each place

enum {
  CPROCESS_SCORE_GONE = 0,
  CPROCESS_SCORE_STARTING = 1,
  CPROCESS_SCORE_READY = 2,
  CPROCESS_SCORE_DRAINING = 3,
};

// One worker's. What every accept of every sibling reads is in the first cache line, the text after it.
typedef struct cprocess_score_slot {
  uint32_t state;
  int32_t pid;
  int64_t heartbeat;  // nanoseconds of CLOCK_MONOTONIC
  uint32_t open;      // connections
  uint32_t capacity;  // how many connections it can have open
  uint64_t accepted;  // connections, and what a replacement began with
  uint64_t requests;
  uint32_t waits_for_client;  // whether its only thread waits for a client, and not for its own code
  uint32_t generation;        // which of the programs that the server was told to run
  char padding[CPROCESS_SCORE_LINE - 48];
  char activity[CPROCESS_ACTIVITY_BYTES];
} cprocess_score_slot;

_Static_assert(sizeof(cprocess_score_slot) % CPROCESS_SCORE_LINE == 0, "a slot is whole cache lines");

typedef struct cprocess_scoreboard cprocess_scoreboard;

// Makes a scoreboard of which `slots` slots are in use, all gone, with room for as many as `room`, and its descriptor
// (close-on-exec); where `counts`, with room for what each worker counts. Room that was never used takes no memory. NULL
// with errno.
cprocess_scoreboard *cprocess_scoreboard_create(int slots, int room, int counts, int *descriptor);
// Maps an inherited one. NULL with errno; EINVAL when it is not a scoreboard of this version.
cprocess_scoreboard *cprocess_scoreboard_map(int descriptor);
void cprocess_scoreboard_unmap(cprocess_scoreboard *board);

int cprocess_scoreboard_room(const cprocess_scoreboard *board);
// How many slots are in use, from the first. The master changes it, up to the room.
int cprocess_scoreboard_count(const cprocess_scoreboard *board);
void cprocess_scoreboard_set_count(cprocess_scoreboard *board, int count);
// The slot at an index between 0 and the room.
cprocess_score_slot *cprocess_scoreboard_slot(cprocess_scoreboard *board, int index);
// What the worker of a slot counts; NULL where nothing is counted.
cprocess_metrics *cprocess_scoreboard_metrics(cprocess_scoreboard *board, int index);
// Whether the whole server is stopping, and not only this worker.
int cprocess_scoreboard_stopping(const cprocess_scoreboard *board);
void cprocess_scoreboard_set_stopping(cprocess_scoreboard *board);

// Keys of session tickets, the newest first. Only the master adds one, in the place of the oldest.
void cprocess_scoreboard_add_ticket_key(cprocess_scoreboard *board, const uint8_t key[CPROCESS_TICKET_KEY_BYTES]);
// How many there are, copied to `keys`.
int cprocess_scoreboard_ticket_keys(
    const cprocess_scoreboard *board, uint8_t keys[CPROCESS_TICKET_KEYS * CPROCESS_TICKET_KEY_BYTES]);

// Cut to CPROCESS_ACTIVITY_BYTES - 1 bytes. A reader may see half of an old and half of a new text, never past its end.
void cprocess_score_set_activity(cprocess_score_slot *slot, const void *bytes, size_t count);
void cprocess_score_activity(const cprocess_score_slot *slot, char text[CPROCESS_ACTIVITY_BYTES]);

#define CPROCESS_SCORE_FIELD(type, name)                                               \
  static inline type cprocess_score_##name(const cprocess_score_slot *slot) {             \
    return __atomic_load_n(&slot->name, __ATOMIC_RELAXED);                          \
  }                                                                                 \
  static inline void cprocess_score_set_##name(cprocess_score_slot *slot, type value) {   \
    __atomic_store_n(&slot->name, value, __ATOMIC_RELAXED);                         \
  }
CPROCESS_SCORE_FIELD(uint32_t, state)
CPROCESS_SCORE_FIELD(int32_t, pid)
CPROCESS_SCORE_FIELD(int64_t, heartbeat)
CPROCESS_SCORE_FIELD(uint32_t, open)
CPROCESS_SCORE_FIELD(uint32_t, capacity)
CPROCESS_SCORE_FIELD(uint64_t, accepted)
CPROCESS_SCORE_FIELD(uint64_t, requests)
CPROCESS_SCORE_FIELD(uint32_t, waits_for_client)
CPROCESS_SCORE_FIELD(uint32_t, generation)
#undef CPROCESS_SCORE_FIELD

// Counting, from any thread of the worker.
static inline void cprocess_score_add_open(cprocess_score_slot *slot, int32_t change) {
  __atomic_fetch_add(&slot->open, (uint32_t)change, __ATOMIC_RELAXED);
}
static inline void cprocess_score_add_accepted(cprocess_score_slot *slot) {
  __atomic_fetch_add(&slot->accepted, 1, __ATOMIC_RELAXED);
}
static inline uint64_t cprocess_score_add_request(cprocess_score_slot *slot) {
  return __atomic_add_fetch(&slot->requests, 1, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif
#endif
