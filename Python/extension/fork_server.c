#include "extension.h"

#include <errno.h>

// The process that workers are forked from.

PyObject *gf_fork_server(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  return PyLong_FromLong(greenpython_version ? greenpython_fork_server() : -1);
}

PyObject *gf_fork_worker(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  if (gf_check_worker()) return NULL;
  PyOS_BeforeFork();
  int pid = greenpython_fork_worker(), number = errno;
  if (pid == 0) {
    PyOS_AfterFork_Child();
  } else {
    PyOS_AfterFork_Parent();
  }
  return pid < 0 ? gf_set_errno(number) : PyLong_FromLong(pid);
}

#define MOST 256

PyObject *gf_become_worker(PyObject *module, PyObject *args) {
  (void)module;
  int slot, descriptors[MOST];
  PyObject *list;
  if (!PyArg_ParseTuple(args, "iO!", &slot, &PyList_Type, &list) || gf_check_worker()) return NULL;
  Py_ssize_t count = PyList_Size(list);
  if (count > MOST) count = MOST;
  for (Py_ssize_t i = 0; i < count; i++) {
    descriptors[i] = (int)PyLong_AsLong(PyList_GetItem(list, i));
    if (PyErr_Occurred()) return NULL;
  }
  bool may_begin;
  Py_BEGIN_ALLOW_THREADS
  may_begin = greenpython_become_worker(slot, descriptors, (size_t)count);
  Py_END_ALLOW_THREADS
  return PyBool_FromLong(may_begin);
}
