#define _GNU_SOURCE

#include "cprocess_scoreboard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define MAGIC 0x64726f6273677265u
#define VERSION 5u

struct cprocess_scoreboard {
  uint64_t magic;
  uint32_t version;
  uint32_t slot_count;  // in use
  uint32_t room;
  uint32_t stopping;
  uint32_t key_count;
  // Odd while the master changes the keys.
  uint32_t key_version;
  uint8_t keys[CPROCESS_TICKET_KEYS][CPROCESS_TICKET_KEY_BYTES];
  // Whether each worker counts: its figures come after all slots.
  uint32_t counts;
  char padding[5 * CPROCESS_SCORE_LINE - 36 - CPROCESS_TICKET_KEYS * CPROCESS_TICKET_KEY_BYTES];
  cprocess_score_slot slots[];
};

_Static_assert(sizeof(cprocess_scoreboard) % CPROCESS_SCORE_LINE == 0, "slots begin on a cache line");

static size_t board_size(uint32_t slots, uint32_t counts) {
  size_t each = sizeof(cprocess_score_slot) + (counts ? cprocess_metrics_size() : 0);
  return sizeof(cprocess_scoreboard) + slots * each;
}

cprocess_scoreboard *cprocess_scoreboard_create(int slots, int room, int counts, int *descriptor) {
  if (slots < 1 || slots > room || room > CPROCESS_SCORE_SLOT_LIMIT) {
    errno = EINVAL;
    return NULL;
  }
  int memory = memfd_create("greenfinch-scoreboard", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return NULL;
  size_t size = board_size((uint32_t)room, counts != 0);
  cprocess_scoreboard *board = MAP_FAILED;
  if (ftruncate(memory, (off_t)size) == 0) {
    // Nobody can pull the memory away under the others.
    fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  }
  if (board == MAP_FAILED) {
    int error = errno;
    close(memory);
    errno = error;
    return NULL;
  }
  board->magic = MAGIC;
  board->version = VERSION;
  board->room = (uint32_t)room;
  board->slot_count = (uint32_t)slots;
  board->counts = counts != 0;
  *descriptor = memory;
  return board;
}

cprocess_scoreboard *cprocess_scoreboard_map(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return NULL;
  if (!S_ISREG(status.st_mode) || (size_t)status.st_size < board_size(1, 0)) {
    errno = EINVAL;
    return NULL;
  }
  size_t size = (size_t)status.st_size;
  cprocess_scoreboard *board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (board == MAP_FAILED) return NULL;
  if (board->magic != MAGIC || board->version != VERSION || board->room > CPROCESS_SCORE_SLOT_LIMIT ||
      board_size(board->room, board->counts) != size || board->slot_count > board->room) {
    munmap(board, size);
    errno = EINVAL;
    return NULL;
  }
  return board;
}

void cprocess_scoreboard_unmap(cprocess_scoreboard *board) { munmap(board, board_size(board->room, board->counts)); }

// The mapping stays where it is, for the pointers into it, and becomes private. The slots begin at zero there.
void cprocess_scoreboard_disown(cprocess_scoreboard *board) {
  const cprocess_scoreboard header = *board;
  const size_t size = board_size(header.room, header.counts);
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  // A child that would write into the worker's books is worse than none.
  if (mmap(board, size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) _exit(1);
  memcpy(board, &header, sizeof header);
}

int cprocess_scoreboard_room(const cprocess_scoreboard *board) { return (int)board->room; }
int cprocess_scoreboard_count(const cprocess_scoreboard *board) {
  return (int)__atomic_load_n(&board->slot_count, __ATOMIC_RELAXED);
}
void cprocess_scoreboard_set_count(cprocess_scoreboard *board, int count) {
  __atomic_store_n(&board->slot_count, (uint32_t)count, __ATOMIC_RELAXED);
}
cprocess_score_slot *cprocess_scoreboard_slot(cprocess_scoreboard *board, int index) { return &board->slots[index]; }

cprocess_metrics *cprocess_scoreboard_metrics(cprocess_scoreboard *board, int index) {
  if (!board->counts) return NULL;
  return (cprocess_metrics *)((char *)&board->slots[board->room] + (size_t)index * cprocess_metrics_size());
}

int cprocess_scoreboard_stopping(const cprocess_scoreboard *board) {
  return (int)__atomic_load_n(&board->stopping, __ATOMIC_ACQUIRE);
}
void cprocess_scoreboard_set_stopping(cprocess_scoreboard *board) { __atomic_store_n(&board->stopping, 1, __ATOMIC_RELEASE); }

void cprocess_scoreboard_add_ticket_key(cprocess_scoreboard *board, const uint8_t key[CPROCESS_TICKET_KEY_BYTES]) {
  __atomic_fetch_add(&board->key_version, 1, __ATOMIC_ACQ_REL);
  __atomic_thread_fence(__ATOMIC_RELEASE);
  memmove(board->keys[1], board->keys[0], (CPROCESS_TICKET_KEYS - 1) * CPROCESS_TICKET_KEY_BYTES);
  memcpy(board->keys[0], key, CPROCESS_TICKET_KEY_BYTES);
  if (board->key_count < CPROCESS_TICKET_KEYS) board->key_count++;
  __atomic_fetch_add(&board->key_version, 1, __ATOMIC_RELEASE);
}

int cprocess_scoreboard_ticket_keys(
    const cprocess_scoreboard *board, uint8_t keys[CPROCESS_TICKET_KEYS * CPROCESS_TICKET_KEY_BYTES]) {
  // A master that died in the middle leaves them without sense: then there are none.
  for (int attempt = 0; attempt < 1000; attempt++) {
    uint32_t version = __atomic_load_n(&board->key_version, __ATOMIC_ACQUIRE);
    if (version & 1) continue;
    uint32_t count = board->key_count;
    memcpy(keys, board->keys, sizeof board->keys);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&board->key_version, __ATOMIC_RELAXED) != version) continue;
    return count > CPROCESS_TICKET_KEYS ? 0 : (int)count;
  }
  return 0;
}

void cprocess_score_set_activity(cprocess_score_slot *slot, const void *bytes, size_t count) {
  if (count > CPROCESS_ACTIVITY_BYTES - 1) count = CPROCESS_ACTIVITY_BYTES - 1;
  if (count) memcpy(slot->activity, bytes, count);
  slot->activity[count] = 0;
}

void cprocess_score_activity(const cprocess_score_slot *slot, char text[CPROCESS_ACTIVITY_BYTES]) {
  memcpy(text, slot->activity, CPROCESS_ACTIVITY_BYTES);
  text[CPROCESS_ACTIVITY_BYTES - 1] = 0;
}
