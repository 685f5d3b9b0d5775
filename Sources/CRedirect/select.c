// select(2), pselect(2): with sets of any size, as the kernel takes them.
//
// The kernel cuts the count of descriptors to the size of the process's table before it looks at a set. Programs rely on
// that: select(getdtablesize(), &set, ...) has a set of 1,024 bits, and a count that may be a million.

#define FAMILY GREEN_MULTIPLEXING
#include "redirect.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

REAL(select)
REAL(pselect)

#define WORD_BITS ((int)(8 * sizeof(unsigned long)))

// ---- How much of a set is looked at -------------------------------------------------------------------------------

// Whether the kernel reads more than so many words of a set: what comes after them, at `end`, cannot be read.
static bool reads_more(int count, int words, char *end) {
  struct timespec none = {0, 0};
  long set = (long)((unsigned long *)end - words);
  return credirect_real_syscall(SYS_pselect6, count, set, 0, 0, (long)&none, 0) == -1 && errno == EFAULT;
}

// The count that the kernel cuts this one to: it alone knows, and says so by what it reads. 0 without memory.
static int cut(int count) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t bytes = ((size_t)count / 8 + page) / page * page;
  char *memory = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return 0;
  char *end = memory + bytes;
  mprotect(end, page, PROT_NONE);
  int least = FD_SETSIZE / WORD_BITS, most = (int)(((long)count + WORD_BITS - 1) / WORD_BITS);
  // Mostly there are few descriptors: that is asked first.
  for (int middle = least; least < most; middle = least + (most - least) / 2) {
    if (reads_more(count, middle, end)) least = middle + 1;
    else most = middle;
  }
  munmap(memory, bytes + page);
  return (long)most * WORD_BITS < count ? most * WORD_BITS : count;
}

// ---- The call -----------------------------------------------------------------------------------------------------

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
  if (count > FD_SETSIZE && (count = cut(count)) == 0) return fail(ENOMEM);
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
