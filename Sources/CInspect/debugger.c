// The table that a debugger reads.

#include "include/CInspect.h"
#include "include/CInspectDebugger.h"

#include <CFiber.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { FRAME_OF_UCONTEXT, FRAME_OF_X86_64, FRAME_OF_ARM64 };

struct cinspect_debugger {
  uint32_t version;
  uint32_t frame;
  cinspect_layout layout;
  struct {
    const void *state;
    uint64_t thread;
  } hubs[CINSPECT_DEBUGGER_HUBS];
};

// Not static: a debugger finds it by its name.
struct cinspect_debugger greenfinch_debugger __attribute__((used));
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t frame_kind(void) {
  if (strcmp(cfiber_switch_name(), "assembly") != 0) return FRAME_OF_UCONTEXT;
#if defined(__aarch64__)
  return FRAME_OF_ARM64;
#else
  return FRAME_OF_X86_64;
#endif
}

static bool replace(const void *old, const void *new) {
  for (int i = 0; i < CINSPECT_DEBUGGER_HUBS; i++) {
    if (greenfinch_debugger.hubs[i].state != old) continue;
    greenfinch_debugger.hubs[i].state = new;
    greenfinch_debugger.hubs[i].thread = (uint64_t)cinspect_thread_id();
    return true;
  }
  return false;
}

void cinspect_debugger_add(const void *hub, const cinspect_layout *layout) {
  pthread_mutex_lock(&lock);
  greenfinch_debugger.version = 1;
  greenfinch_debugger.frame = frame_kind();
  greenfinch_debugger.layout = *layout;
  // In a forked child it is there already, with the parent's thread.
  if (!replace(hub, hub)) replace(NULL, hub);
  pthread_mutex_unlock(&lock);
}

void cinspect_debugger_remove(const void *hub) {
  pthread_mutex_lock(&lock);
  replace(hub, NULL);
  pthread_mutex_unlock(&lock);
}
