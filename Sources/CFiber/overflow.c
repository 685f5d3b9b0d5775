// A fiber that runs out of stack says so before it dies.

#include "internal.h"

#include <CReport.h>
#include <CSignalsChain.h>
#include <errno.h>
#include <signal.h>

static struct sigaction previous_segv, previous_bus;

// ---- One line, without stdio or malloc ---------------------------------------------------------------------------

struct line {
  char text[256];
  size_t count;
};

static void add_character(struct line *line, char character) {
  if (line->count < sizeof line->text) line->text[line->count++] = character;
}

static void add(struct line *line, const char *text) {
  while (*text) add_character(line, *text++);
}

static void add_number(struct line *line, uint64_t number) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
  } while (number /= 10);
  while (count > 0) add_character(line, digits[--count]);
}

// Names come from outside, a request's path for instance, and the line goes to a terminal.
static void add_name(struct line *line, const char *name) {
  for (int i = 0; i < GREEN_FIBER_NAME_BYTES && name[i]; i++) {
    unsigned char byte = (unsigned char)name[i];
    // A C1 control is two bytes of UTF-8; the name ends with a 0.
    bool is_c1 = byte == 0xc2 && (unsigned char)name[i + 1] < 0xa0;
    add_character(line, byte < ' ' || byte == 127 || is_c1 ? '?' : name[i]);
    if (is_c1 && name[i + 1]) i++;
  }
}

// `fiber` is NULL for a thread's call on a big stack.
static void report(const cfiber_fiber *fiber, const struct cfiber_slab *slab) {
  struct line line = {.count = 0};
  add(&line, CREPORT_PREFIX);
  add(&line, fiber ? "fiber " : "a thread");
  if (fiber) add_number(&line, fiber->id);
  if (fiber && fiber->name[0]) {
    add(&line, " \"");
    add_name(&line, fiber->name);
    add(&line, "\"");
  }
  add(&line, slab->is_big ? " overflowed its big stack of " : " overflowed its stack of ");
  add_number(&line, slab->geometry.stack / 1024);
  add(&line, slab->is_big ? " KB; ask for more with Fiber.onBigStack(bytes:) or green_on_big_stack"
                          : " KB; raise it with GREEN_STACK_SIZE (bytes) or Hub(stackSize:)");
  creport_line(line.text, line.count);
}

// ---- The handler -------------------------------------------------------------------------------------------------

static void handle(int signal, siginfo_t *info, void *context) {
  int saved = errno;
  // Somebody reads memory that may not be there, and wants to know.
  if (info->si_code > 0 && cfiber_own_thread()->guard) siglongjmp(*cfiber_own_thread()->guard, 1);
  if (info->si_code > 0) {
    // Decided by the address: si_code differs between the two kinds of guard. A stray pointer into the guard of a
    // fiber that does not run is not an overflow.
    cfiber_fiber *fiber = cfiber_guard_owner((uintptr_t)info->si_addr);
    struct cfiber_slab *slab = fiber ? fiber->slab : NULL;
    if (slab && slab->is_big) fiber = slab->caller;
    if (slab && fiber == cfiber_running) report(fiber, slab);
  }
  csignals_hand_on(signal == SIGBUS ? &previous_bus : &previous_segv, signal, info, context);
  errno = saved;
}

void cfiber_overflow_install(void) {
  static atomic_bool installed;
  if (atomic_exchange(&installed, true)) return;
  csignals_take_over(SIGSEGV, handle, 0, &previous_segv);
  csignals_take_over(SIGBUS, handle, 0, &previous_bus);
}
