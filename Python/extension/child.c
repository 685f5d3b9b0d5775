#include "extension.h"

#include <unistd.h>

// Children that a request has forked, where they come back from the application's code.

static PyObject *end;
static pid_t worker;

int gf_children_prepare(void) {
  worker = getpid();
  if (end) return 0;
  PyObject *module = PyImport_ImportModule("greenfinch._child");
  if (!module) return -1;
  end = PyObject_GetAttrString(module, "end");
  Py_DECREF(module);
  return end ? 0 : -1;
}

void gf_end_child(void) {
  if (!end || getpid() == worker) return;
  if (!PyErr_ExceptionMatches(PyExc_SystemExit) && !PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) return;
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  PyObject_CallFunctionObjArgs(end, value ? value : Py_None, NULL);
  // It does not come back, unless there was no memory for its call.
  _exit(1);
}
