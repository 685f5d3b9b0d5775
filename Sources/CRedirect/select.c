// select(2), pselect(2): with sets of any size, as the kernel takes them.

#define FAMILY GREEN_MULTIPLEXING
#include "redirect.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>

REAL(select)
REAL(pselect)

#define WORD_BITS ((int)(8 * sizeof(unsigned long)))

// One call: what it asks for, and a copy of its sets for each look at what is ready.
struct look {
  int count;
  size_t bytes; // of one set
  unsigned long *asked[3];
  unsigned long *found[3];
  const sigset_t *mask;
};

static int look(void *context) {
  struct look *look = context;
  for (int i = 0; i < 3; i++) {
    if (look->asked[i] != NULL) memcpy(look->found[i], look->asked[i], look->bytes);
  }
  fd_set *sets[3];
  for (int i = 0; i < 3; i++) sets[i] = look->asked[i] != NULL ? (fd_set *)look->found[i] : NULL;
  struct timespec none = {0, 0};
  return real_pselect()(look->count, sets[0], sets[1], sets[2], &none, look->mask);
}

static bool contains(const unsigned long *set, int fd) {
  return set != NULL && (set[fd / WORD_BITS] >> (fd % WORD_BITS) & 1) != 0;
}

// The sets as poll has them: how many descriptors.
static size_t list(const struct look *look, struct pollfd *fds) {
  size_t count = 0;
  for (int fd = 0; fd < look->count; fd++) {
    short events = (short)((contains(look->asked[0], fd) ? POLLIN : 0) | (contains(look->asked[1], fd) ? POLLOUT : 0) |
                           (contains(look->asked[2], fd) ? POLLPRI : 0));
    if (events == 0) continue;
    if (fds != NULL) fds[count] = (struct pollfd){fd, events, 0};
    count++;
  }
  return count;
}

static int select_until(const credirect_table *table, int count, fd_set *sets[3], int64_t deadline,
                        const sigset_t *mask) {
  struct look look_at = {.count = count, .mask = mask};
  look_at.bytes = (size_t)(count + WORD_BITS - 1) / (size_t)WORD_BITS * sizeof(unsigned long);
  for (int i = 0; i < 3; i++) look_at.asked[i] = (unsigned long *)sets[i];
  size_t entries = list(&look_at, NULL);
  char *memory = malloc(3 * look_at.bytes + (entries + 1) * sizeof(struct pollfd));
  if (memory == NULL) return fail(ENOMEM);
  struct pollfd *fds = (struct pollfd *)(memory + 3 * look_at.bytes);
  for (int i = 0; i < 3; i++) look_at.found[i] = (unsigned long *)(memory + (size_t)i * look_at.bytes);
  list(&look_at, fds);
  struct multiplex call = {look, &look_at, fds, entries, deadline, mask};
  int result = credirect_multiplex(table, &call);
  // Where it fails the kernel leaves the sets alone.
  for (int i = 0; i < 3 && result >= 0; i++) {
    if (look_at.asked[i] != NULL) memcpy(look_at.asked[i], look_at.found[i], look_at.bytes);
  }
  int saved = errno;
  free(memory);
  errno = saved;
  return result;
}

WAITS(int, select, (int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *time),
      (count, readable, writable, exceptional, time)) {
  const credirect_table *table = spending_table(-1);
  bool is_wrong = count < 0 || (time != NULL && (time->tv_sec < 0 || time->tv_usec < 0));
  if (table == NULL || is_wrong) return real_select()(count, readable, writable, exceptional, time);
  int64_t deadline = NEVER;
  if (time != NULL) deadline = deadline_after(nanoseconds_of(time->tv_sec, (int64_t)time->tv_usec * 1000));
  fd_set *sets[3] = {readable, writable, exceptional};
  int result = select_until(table, count, sets, deadline, NULL);
  // Linux writes back what was left.
  if (time != NULL) {
    int64_t left = deadline == NEVER ? 0 : deadline - monotonic_now();
    if (left < 0) left = 0;
    if (deadline != NEVER) *time = (struct timeval){left / 1000000000, left % 1000000000 / 1000};
  }
  return result;
}

WAITS(int, pselect, (int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *time,
        const sigset_t *mask),
      (count, readable, writable, exceptional, time, mask)) {
  const credirect_table *table = spending_table(-1);
  bool is_wrong = count < 0 || (time != NULL && !is_valid_time(time));
  if (table == NULL || is_wrong) return real_pselect()(count, readable, writable, exceptional, time, mask);
  fd_set *sets[3] = {readable, writable, exceptional};
  return select_until(table, count, sets, credirect_deadline_of(time), mask);
}

ALIAS(select, __select)
