#ifndef CGREENPYTHON_H
#define CGREENPYTHON_H

// What LD_PRELOAD was in the master's environment; in a worker's alone, until its first constructor.
#define CGREENPYTHON_PRELOAD_BEFORE "GREENFINCH_PRELOAD_BEFORE"

// Where a folder lies whose path has what LD_PRELOAD cannot say, before the number of its descriptor.
#define CGREENPYTHON_FOLDERS "/proc/self/fd/"

#include "greenpython.h"

#endif
