#define _GNU_SOURCE

#include "cgreenpython.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

// The library's folder by its descriptor is for this process alone too. It stays open: debuggers and tracebacks look for the
// library by its name.
static void keep_folder_from_children(void) {
  int folder;
  const char *preloaded = getenv("LD_PRELOAD");
  if (preloaded && sscanf(preloaded, CGREENPYTHON_FOLDERS "%d/", &folder) == 1) fcntl(folder, F_SETFD, FD_CLOEXEC);
}

// The library is loaded in front of the interpreter by LD_PRELOAD, which is not for what that starts: each child would load
// it too, and be slower by more than it takes to start.
__attribute__((constructor)) static void take_back_preload(void) {
  const char *before = getenv(CGREENPYTHON_PRELOAD_BEFORE);
  if (!before) return;
  keep_folder_from_children();
  if (*before) {
    setenv("LD_PRELOAD", before, 1);
  } else {
    unsetenv("LD_PRELOAD");
  }
  unsetenv(CGREENPYTHON_PRELOAD_BEFORE);
}

