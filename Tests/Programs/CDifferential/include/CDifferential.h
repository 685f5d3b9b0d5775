#ifndef CDIFFERENTIAL_H
#define CDIFFERENTIAL_H

// Cases of POSIX calls that are made twice, plainly on a thread and redirected in a fiber. Each writes down what the calls
// returned, so that the two can be compared.

#include <stddef.h>

// How the code of a case runs at once with other code of it: on threads, or in fibers.
typedef struct differential_world {
  void *(*spawn)(void (*body)(void *context), void *context);
  void (*join)(void *spawned);
} differential_world;

size_t differential_count(void);
const char *differential_name(size_t index);
// Runs a case and returns what it wrote down; to be freed.
char *differential_run(size_t index, const differential_world *world);

#endif
