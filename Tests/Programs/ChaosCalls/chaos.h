// Shared by the files of ChaosCalls: what is to happen to a call.

#ifndef CHAOS_H
#define CHAOS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "ChaosCalls.h"

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#define INJECTED __attribute__((visibility("default")))

// The real function: the sanitizer's interceptor where there is one, else the next definition after ours.
void *chaos_find(const char *name, void *interceptor);

#define REAL(name)                                                                               \
  extern __typeof__(name) __interceptor_##name __attribute__((weak));                            \
  static inline __typeof__(name) *real_##name(void) {                                            \
    static _Atomic(void *) found;                                                                \
    if (found == NULL) found = chaos_find(#name, (void *)&__interceptor_##name);                 \
    return (__typeof__(name) *)found;                                                            \
  }

enum chaos_fate { FATE_REAL, FATE_PASSING, FATE_LESS, FATE_FAILING };

// What becomes of this call; counted.
enum chaos_fate chaos_fate(enum chaos_call call);
// Less than `count`, and at least one.
size_t chaos_less(size_t count);
// One of the errors, set as errno. Returns -1.
int chaos_fail(const int *errors, size_t number);
#define FAIL(...) chaos_fail((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

struct chaos_lacking {
  bool nowait;
  bool nosignal;
};
struct chaos_lacking chaos_lacking(void);

#endif
