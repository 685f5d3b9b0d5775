// pthread_getattr_np(3): code that asks where the calling thread's stack lies is told of the fiber's, or of the large one that it
// is on (cfiber_call_on_big_stack). Garbage collectors, interpreters and Swift's runtime ask, to know how deep they may go.

#define FAMILY GREEN_THREADS
#include "redirect.h"

#include <pthread.h>

REAL(pthread_getattr_np)

EARLY REDIRECTED int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes) {
  int result = real_pthread_getattr_np()(thread, attributes);
  void *low;
  size_t bytes;
  bool is_off = (atomic_load_explicit(&credirect_families, memory_order_relaxed) & FAMILY) == 0;
  if (is_off || !pthread_equal(thread, pthread_self()) || !cfiber_stack_bounds(&low, &bytes)) return result;
  // For the first thread glibc reads /proc, which is not everywhere.
  if (result != 0 && (result = pthread_attr_init(attributes)) != 0) return result;
  // The guard lies below the bounds and is part of no stack that glibc knows.
  pthread_attr_setguardsize(attributes, 0);
  return pthread_attr_setstack(attributes, low, bytes);
}
