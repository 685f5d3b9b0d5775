// Order, registers, alignment, the first frame.

#include "check.h"

#include <execinfo.h>
#include <string.h>

static cfiber_pool *pool;
static char order[64];

static void ping(void *argument) {
  for (int i = 0; i < 3; i++) {
    strcat(order, argument);
    cfiber_switch(cfiber_thread_root());
  }
  finish();
}

static void fibers_take_turns(void) {
  order[0] = 0;
  cfiber_fiber *a = start(pool, ping, "a"), *b = start(pool, ping, "b");
  for (int i = 0; i < 2; i++) {
    cfiber_switch(a);
    cfiber_switch(b);
  }
  CHECK(strcmp(order, "ababab") == 0);
  cfiber_switch(a);
  cfiber_switch(b);
  cfiber_recycle(pool, a);
  cfiber_recycle(pool, b);
}

// ---- Fibers that start fibers ------------------------------------------------------------------------------------

enum { DEPTH = 500 };
static int deepest;
struct level {
  int depth;
  cfiber_fiber *parent;
};

static void descend(void *argument) {
  struct level *level = argument;
  deepest = level->depth;
  if (level->depth < DEPTH) {
    struct level next = {level->depth + 1, cfiber_current()};
    cfiber_fiber *child = start(pool, descend, &next);
    CHECK(cfiber_current() == next.parent);
    cfiber_recycle(pool, child);
  }
  cfiber_finish(level->parent);
}

static void fibers_nest_deeply(void) {
  struct level first = {1, cfiber_thread_root()};
  cfiber_recycle(pool, start(pool, descend, &first));
  CHECK(deepest == DEPTH);
  CHECK(cfiber_pool_inspect(pool).in_use == 0);
}

static void return_at_once(void *argument) { *(int *)argument += 1; }

static void an_entry_that_returns_ends_at_the_root(void) {
  int runs = 0;
  cfiber_fiber *fiber = start(pool, return_at_once, &runs);
  CHECK(runs == 1);
  CHECK(cfiber_current() == cfiber_thread_root());
  cfiber_recycle(pool, fiber);
}

static void switching_to_oneself_does_nothing(void) {
  cfiber_switch(cfiber_thread_root());
  CHECK(cfiber_current() == cfiber_thread_root());
}

// ---- Registers ---------------------------------------------------------------------------------------------------

// Puts values into the registers that a call must preserve, waits, and looks again.
static void hold_registers(void *argument) {
  uintptr_t seed = (uintptr_t)argument;
  for (int i = 0; i < 4; i++) {
#if defined(__x86_64__)
    register uintptr_t a __asm__("rbx") = seed + 1, b __asm__("r12") = seed + 2, c __asm__("r13") = seed + 3,
                         d __asm__("r14") = seed + 4, e __asm__("r15") = seed + 5;
#elif defined(__aarch64__)
    register uintptr_t a __asm__("x19") = seed + 1, b __asm__("x21") = seed + 2, c __asm__("x23") = seed + 3,
                         d __asm__("x26") = seed + 4, e __asm__("x28") = seed + 5;
#else
    uintptr_t a = seed + 1, b = seed + 2, c = seed + 3, d = seed + 4, e = seed + 5;
#endif
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
    cfiber_switch(cfiber_thread_root());
    __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e));
    uintptr_t wrong = (a ^ (seed + 1)) | (b ^ (seed + 2)) | (c ^ (seed + 3)) | (d ^ (seed + 4)) | (e ^ (seed + 5));
    CHECK(wrong == 0);
  }
  finish();
}

static void hold_doubles(void *argument) {
  double seed = (double)(uintptr_t)argument;
  for (int i = 0; i < 4; i++) {
#if defined(__aarch64__)
    register double a __asm__("d8") = seed + 0.5, b __asm__("d9") = seed + 1.5, c __asm__("d10") = seed + 2.5,
                    d __asm__("d11") = seed + 3.5, e __asm__("d12") = seed + 4.5, f __asm__("d13") = seed + 5.5,
                    g __asm__("d14") = seed + 6.5, h __asm__("d15") = seed + 7.5;
    __asm__ volatile("" : "+w"(a), "+w"(b), "+w"(c), "+w"(d), "+w"(e), "+w"(f), "+w"(g), "+w"(h));
#else
    // No floating point register survives a call here; the compiler must keep these on the fiber's stack.
    volatile double source = seed;
    double a = source + 0.5, b = source + 1.5, c = source + 2.5, d = source + 3.5, e = source + 4.5, f = source + 5.5,
           g = source + 6.5, h = source + 7.5;
#endif
    cfiber_switch(cfiber_thread_root());
#if defined(__aarch64__)
    __asm__ volatile("" : "+w"(a), "+w"(b), "+w"(c), "+w"(d), "+w"(e), "+w"(f), "+w"(g), "+w"(h));
#endif
    CHECK(a == seed + 0.5 && b == seed + 1.5 && c == seed + 2.5 && d == seed + 3.5);
    CHECK(e == seed + 4.5 && f == seed + 5.5 && g == seed + 6.5 && h == seed + 7.5);
  }
  finish();
}

static void interleave(cfiber_entry entry) {
  cfiber_fiber *fibers[3];
  for (uintptr_t i = 0; i < 3; i++) fibers[i] = start(pool, entry, (void *)((i + 1) * 1000));
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 3; i++) cfiber_switch(fibers[i]);
  }
  for (int i = 0; i < 3; i++) cfiber_recycle(pool, fibers[i]);
}

static void preserved_registers_survive(void) { interleave(hold_registers); }
static void floating_point_values_survive(void) { interleave(hold_doubles); }

// ---- The first frame ---------------------------------------------------------------------------------------------

static void print_doubles(void *argument) {
  // On x86-64 the compiler saves the registers of a variadic call by aligned moves.
  snprintf(argument, 64, "%.1f %.1f %.1Lf", 1.5, 2.5, (long double)3.5);
  _Alignas(16) volatile char aligned[16];
  if ((uintptr_t)aligned % 16 != 0 || (uintptr_t)__builtin_frame_address(0) % 16 != 0) strcat(argument, " misaligned");
  finish();
}

static void the_stack_is_aligned_on_entry(void) {
  char text[96] = "";
  for (int i = 0; i < 40; i++) {  // every colour of the stack top
    cfiber_fiber *fiber = cfiber_create(pool, print_doubles, text);
    cfiber_switch(fiber);
    CHECK(strcmp(text, "1.5 2.5 3.5") == 0);
  }
  cfiber_pool_destroy(pool);  // all have finished, though not been recycled
  pool = cfiber_pool_create(0);
}

static int frames;

__attribute__((noinline)) static int climb(int depth) {
  if (depth > 0) return climb(depth - 1) + 1;
  void *addresses[128];
  frames = backtrace(addresses, 128);
  return 0;
}

static void take_backtrace(void *argument) {
  volatile int depth = 10;
  *(int *)argument = climb(depth);
  finish();
}

static void a_backtrace_ends_at_the_first_frame(void) {
  int climbed = 0;
  cfiber_recycle(pool, start(pool, take_backtrace, &climbed));
  CHECK(climbed == 10);
  // climb may be turned into a loop; below it are at most the entry and two or three frames of the switch.
  CHECK(frames >= 1 && frames <= 11 + 5);
}

void switch_tests(void) {
  pool = cfiber_pool_create(0);
  RUN(fibers_take_turns);
  RUN(fibers_nest_deeply);
  RUN(an_entry_that_returns_ends_at_the_root);
  RUN(switching_to_oneself_does_nothing);
  RUN(preserved_registers_survive);
  RUN(floating_point_values_survive);
  RUN(the_stack_is_aligned_on_entry);
  RUN(a_backtrace_ends_at_the_first_frame);
  cfiber_pool_destroy(pool);
}
