#ifndef CINSPECT_THROWN_H
#define CINSPECT_THROWN_H

// Where Swift's errors were thrown, which they do not tell themselves: for pages that are shown to developers.

#include <stddef.h>
#include <stdint.h>

#define CINSPECT_THROWN_CALLS 96

// From now on the calls of the code that throws an error are noted, some microseconds each. The last errors are kept,
// so that they live on for a while. Once is enough; whoever had asked the runtime to be told is told as before.
void cinspect_thrown_watch(void);

// The return addresses of the code that threw an error first, the innermost first; 0 where it is not known (any more).
// Returns how many there are, `capacity` at most.
size_t cinspect_thrown_calls(const void *error, uintptr_t *addresses, size_t capacity);

#endif
