#define _GNU_SOURCE

#include "cgreenpython.h"

#include <stdlib.h>

// The library is loaded in front of the interpreter by LD_PRELOAD, which is not for what that starts: each child would load
// it too, and be slower by more than it takes to start.
__attribute__((constructor)) static void take_back_preload(void) {
  const char *before = getenv(CGREENPYTHON_PRELOAD_BEFORE);
  if (!before) return;
  if (*before) {
    setenv("LD_PRELOAD", before, 1);
  } else {
    unsetenv("LD_PRELOAD");
  }
  unsetenv(CGREENPYTHON_PRELOAD_BEFORE);
}

