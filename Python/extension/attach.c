#include "extension.h"

// A fiber of a worker is a whole thread to C, with keys of its own, so that the interpreter's own way for threads that it has
// not made is the way for both. One that has got a state keeps it: the count of PyGILState_Ensure never goes to 0.
void gf_attach(void) {
  PyThreadState *state = PyGILState_GetThisThreadState();
  if (state) {
    PyEval_RestoreThread(state);
  } else {
    (void)PyGILState_Ensure();
  }
}

void gf_detach(void) { (void)PyEval_SaveThread(); }
