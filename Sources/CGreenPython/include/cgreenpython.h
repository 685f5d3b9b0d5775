#ifndef CGREENPYTHON_H
#define CGREENPYTHON_H

// What LD_PRELOAD was in the master's environment; in a worker's alone, until its first constructor.
#define CGREENPYTHON_PRELOAD_BEFORE "GREENFINCH_PRELOAD_BEFORE"

#include "greenpython.h"


#endif
