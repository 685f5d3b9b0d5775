// SO_LINGER: which calls stand still while there is unsent data, and which do not.

#include "differential.h"

#include <fcntl.h>
#include <sys/socket.h>

int close_range(unsigned first, unsigned last, int flags);

enum { CLOSE, SHUTDOWN, SHUTDOWN_WRITING, DUP2, CLOSE_RANGE, STREAM, CALLS };
static const char *const calls[] = {"close", "shutdown", "shutdown of writing", "dup2", "close_range", "fclose"};

static void lingering(struct run *run) {
  int ends[2];
  make_ends(TCP, ends);
  char bytes[8192] = "";
  while (send(ends[1], bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
  struct linger linger = {1, 1};
  errno = EXDEV;
  note_result(run, "setsockopt", setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0 ? 0 : -1);
  int64_t start = now();
  errno = EXDEV;
  long result = -5;
  switch (run->a) {
  case CLOSE: result = close(ends[1]); break;
  case SHUTDOWN: result = shutdown(ends[1], SHUT_RDWR); break;
  case SHUTDOWN_WRITING: result = shutdown(ends[1], SHUT_WR); break;
  case DUP2: result = dup2(ends[0], ends[1]) == ends[1] ? 0 : -1; break;
  case CLOSE_RANGE: result = close_range((unsigned)ends[1], (unsigned)ends[1], 0); break;
  case STREAM: result = fclose(fdopen(ends[1], "w")); break;
  }
  note_result(run, calls[run->a], result);
  note(run, "%s\n", now() - start > 500000000 ? "stood still" : "went on");
  note(run, "%s\n", fcntl(ends[1], F_GETFD) < 0 ? "closed" : "open");
  errno = EXDEV;
  // Nothing is waited for where the other side is gone.
  close(ends[0]);
  if (run->a <= DUP2 && run->a != CLOSE) close(ends[1]);
}

void add_lingering(void) {
  for (int call = 0; call < CALLS; call++) add(lingering, call, 0, 0, "%s with SO_LINGER", calls[call]);
}
