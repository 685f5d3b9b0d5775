#include "extension.h"

#include <dlfcn.h>
#include <pthread.h>

// From 3.14 on the interpreter compares the address of its stack with the bounds that it has found for the thread, and raises
// MemoryError or ends the process outside them. A fiber keeps its stack for life, and pthread_getattr_np, which the interpreter asks,
// tells of a fiber's; where it can be told itself (gh-139653) it is told too.
//
// Untested: 3.14 is not among the versions that the tests are run by.
static void tell_stack(void) {
  typedef int setter(PyThreadState *, void *, size_t);
  static setter *set;
  static int was_sought;
  if (!was_sought) {
    set = (setter *)(uintptr_t)dlsym(RTLD_DEFAULT, "PyUnstable_ThreadState_SetStackProtection");
    was_sought = 1;
  }
  if (!set || !greenpython_in_fiber()) return;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes)) return;
  void *low = NULL;
  size_t size = 0;
  uintptr_t here = (uintptr_t)&low;
  int error = pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  if (error || here < (uintptr_t)low || here - (uintptr_t)low >= size) return;
  // It has its own bounds then.
  if (set(PyThreadState_Get(), low, size)) PyErr_Clear();
}

// A fiber of a worker is a whole thread to C, with keys of its own, so that the interpreter's own way for threads that it has
// not made is the way for both. One that has got a state keeps it: the count of PyGILState_Ensure never goes to 0.
void gf_attach(void) {
  PyThreadState *state = PyGILState_GetThisThreadState();
  if (state) {
    PyEval_RestoreThread(state);
  } else {
    (void)PyGILState_Ensure();
    tell_stack();
  }
}

void gf_detach(void) { (void)PyEval_SaveThread(); }
