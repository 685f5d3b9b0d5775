#define _GNU_SOURCE

#include "green_scoreboard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define MAGIC 0x64726f6273677265u
#define VERSION 3u

struct green_scoreboard {
  uint64_t magic;
  uint32_t version;
  uint32_t slot_count;  // in use
  uint32_t room;
  uint32_t stopping;
  char padding[GREEN_SCORE_LINE - 24];
  green_score_slot slots[];
};

_Static_assert(sizeof(green_scoreboard) == GREEN_SCORE_LINE, "slots begin on a cache line");

static size_t board_size(uint32_t slots) { return sizeof(green_scoreboard) + slots * sizeof(green_score_slot); }

green_scoreboard *green_scoreboard_create(int slots, int room, int *descriptor) {
  if (slots < 1 || slots > room || room > GREEN_SCORE_SLOT_LIMIT) {
    errno = EINVAL;
    return NULL;
  }
  int memory = memfd_create("greenfinch-scoreboard", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return NULL;
  size_t size = board_size((uint32_t)room);
  green_scoreboard *board = MAP_FAILED;
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
  *descriptor = memory;
  return board;
}

green_scoreboard *green_scoreboard_map(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return NULL;
  if (!S_ISREG(status.st_mode) || (size_t)status.st_size < board_size(1)) {
    errno = EINVAL;
    return NULL;
  }
  size_t size = (size_t)status.st_size;
  green_scoreboard *board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (board == MAP_FAILED) return NULL;
  if (board->magic != MAGIC || board->version != VERSION || board->room > GREEN_SCORE_SLOT_LIMIT ||
      board_size(board->room) != size || board->slot_count > board->room) {
    munmap(board, size);
    errno = EINVAL;
    return NULL;
  }
  return board;
}

void green_scoreboard_unmap(green_scoreboard *board) { munmap(board, board_size(board->room)); }

// The mapping stays where it is, for the pointers into it, and becomes private. The slots begin at zero there.
void green_scoreboard_disown(green_scoreboard *board) {
  const green_scoreboard header = *board;
  const size_t size = board_size(header.room);
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  // A child that would write into the worker's books is worse than none.
  if (mmap(board, size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) _exit(1);
  memcpy(board, &header, sizeof header);
}

int green_scoreboard_room(const green_scoreboard *board) { return (int)board->room; }
int green_scoreboard_count(const green_scoreboard *board) {
  return (int)__atomic_load_n(&board->slot_count, __ATOMIC_RELAXED);
}
void green_scoreboard_set_count(green_scoreboard *board, int count) {
  __atomic_store_n(&board->slot_count, (uint32_t)count, __ATOMIC_RELAXED);
}
green_score_slot *green_scoreboard_slot(green_scoreboard *board, int index) { return &board->slots[index]; }

int green_scoreboard_stopping(const green_scoreboard *board) {
  return (int)__atomic_load_n(&board->stopping, __ATOMIC_ACQUIRE);
}
void green_scoreboard_set_stopping(green_scoreboard *board) { __atomic_store_n(&board->stopping, 1, __ATOMIC_RELEASE); }

void green_score_set_activity(green_score_slot *slot, const void *bytes, size_t count) {
  if (count > GREEN_ACTIVITY_BYTES - 1) count = GREEN_ACTIVITY_BYTES - 1;
  if (count) memcpy(slot->activity, bytes, count);
  slot->activity[count] = 0;
}

void green_score_activity(const green_score_slot *slot, char text[GREEN_ACTIVITY_BYTES]) {
  memcpy(text, slot->activity, GREEN_ACTIVITY_BYTES);
  text[GREEN_ACTIVITY_BYTES - 1] = 0;
}
