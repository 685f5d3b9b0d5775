#ifndef CHECK_H
#define CHECK_H

// Checks in plain C. A test is a function; it goes on after a failed check, and counts as failed.

#include "CFiber.h"

#include <stdbool.h>
#include <stdio.h>

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZED 1
#endif
#endif
#ifndef THREAD_SANITIZED
#define THREAD_SANITIZED 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

extern bool check_failed;
void check_run(const char *name, void (*test)(void));

#define RUN(test) check_run(#test, test)
#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      printf("  %s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      check_failed = true;                                            \
    }                                                                 \
  } while (0)

// Set by the script when the processor is emulated: some limits and counters are then the emulator's.
bool emulated(void);

// Runs a fiber of the pool to its first switch back, or its end.
cfiber_fiber *start(cfiber_pool *pool, cfiber_entry entry, void *argument);
// Ends the fiber that calls it.
void finish(void) __attribute__((noreturn));

void before_attach_tests(void);
void switch_tests(void);
void state_tests(void);
void stack_tests(void);
void limit_tests(void);
void overflow_tests(void);
void backtrace_tests(void);
void big_stack_tests(void);
void isolation_tests(void);
void block_end_tests(void);
void words_tests(void);
void chain_tests(void);

#endif
