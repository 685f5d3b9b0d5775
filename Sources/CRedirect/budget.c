// Calls that find at once what they want, one after the other, must not keep the thread: after so many of them, or so many
// bytes, the fiber goes once round the ready queue.
//
// A call that may not wait, since the program wants none, switches to no other fiber either: that is what code which uses
// such descriptors relies on.

#include "redirect.h"

#define SLICE (1 << 20)

OF_THREAD int64_t credirect_budget_of_thread = SLICE;

void credirect_give_way(const credirect_table *table, int fd) {
  int saved = errno;
  if (fd < 0 || !credirect_is_nonblocking(fd)) {
    GREEN_OF_THREAD(credirect_budget_of_thread) = SLICE;
    table->spent_slice();
  }
  errno = saved;
}
