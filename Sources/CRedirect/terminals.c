// tcdrain(3), tcsetattr(3) and tcsendbreak(3): a terminal is waited for by another thread, for as long as its other side
// likes, as with XOFF.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <termios.h>

REAL(tcdrain)
REAL(tcsetattr)
REAL(tcsendbreak)

struct call {
  int (*body)(const struct call *call);
  int fd, action;
  const struct termios *attributes;
  int result, error;
};

static void perform(void *context) {
  struct call *call = context;
  call->result = call->body(call);
  call->error = errno;
}

static int elsewhere(const credirect_table *table, struct call *call) {
  if (table == NULL) return call->body(call);
  credirect_on_thread(table, perform, call);
  return call->result == 0 ? 0 : fail(call->error);
}

static int of_drain(const struct call *call) { return real_tcdrain()(call->fd); }
static int of_setting(const struct call *call) {
  return real_tcsetattr()(call->fd, call->action, call->attributes);
}
static int of_break(const struct call *call) { return real_tcsendbreak()(call->fd, call->action); }

WAITS(int, tcdrain, (int fd), (fd)) {
  struct call call = {.body = of_drain, .fd = fd};
  return elsewhere(fiber_table(), &call);
}

WAITS(int, tcsetattr, (int fd, int action, const struct termios *attributes), (fd, action, attributes)) {
  struct call call = {.body = of_setting, .fd = fd, .action = action, .attributes = attributes};
  return elsewhere(action != TCSANOW ? fiber_table() : NULL, &call);
}

WAITS(int, tcsendbreak, (int fd, int duration), (fd, duration)) {
  struct call call = {.body = of_break, .fd = fd, .action = duration};
  return elsewhere(fiber_table(), &call);
}
