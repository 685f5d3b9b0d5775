#include "asgi.h"

#include <stdlib.h>

// The module greenfinch._greenfinch.

static PyObject *worker_class(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  int is_there = greenpython_version && greenpython_is_worker();
  return PyUnicode_FromString(is_there ? greenpython_worker_class() : "");
}

static PyObject *setting(PyObject *module, PyObject *args) {
  (void)module;
  const char *name;
  char text[1024];
  if (!PyArg_ParseTuple(args, "s", &name) || gf_check_worker()) return NULL;
  ssize_t length = greenpython_setting(name, text, sizeof text);
  if (length < 0) Py_RETURN_NONE;
  if ((size_t)length < sizeof text) return PyUnicode_DecodeUTF8(text, length, "replace");
  char *longer = malloc((size_t)length + 1);
  if (!longer) return PyErr_NoMemory();
  greenpython_setting(name, longer, (size_t)length + 1);
  PyObject *result = PyUnicode_DecodeUTF8(longer, length, "replace");
  free(longer);
  return result;
}

static PyObject *log_text(PyObject *module, PyObject *args) {
  (void)module;
  int level;
  const char *text;
  Py_ssize_t length;
  if (!PyArg_ParseTuple(args, "is#", &level, &text, &length) || gf_check_worker()) return NULL;
  greenpython_log(level, text, (size_t)length);
  Py_RETURN_NONE;
}

static PyObject *fail(PyObject *module, PyObject *args) {
  (void)module;
  const char *reason;
  if (!PyArg_ParseTuple(args, "s", &reason) || gf_check_worker()) return NULL;
  greenpython_cannot_start(reason);
  Py_RETURN_NONE;
}

static PyObject *ended_at_once(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  return PyBool_FromLong(greenpython_version && greenpython_ended_at_once());
}

static int run(int is_asgi) {
  greenpython_host host = {gf_wsgi_respond, gf_wsgi_resume, gf_wsgi_drop, gf_fibers_run, gf_main_turn};
  int status;
  gf_running_tell_aborts();
  Py_BEGIN_ALLOW_THREADS
  status = greenpython_run_worker(&host, is_asgi);
  Py_END_ALLOW_THREADS
  return status;
}

static PyObject *run_wsgi(PyObject *module, PyObject *args) {
  (void)module;
  PyObject *application, *base;
  if (!PyArg_ParseTuple(args, "OO!", &application, &PyDict_Type, &base) || gf_check_worker()) return NULL;
  if (gf_children_prepare()) return NULL;
  return gf_wsgi_prepare(application, base) ? NULL : PyLong_FromLong(run(0));
}

static PyObject *run_asgi(PyObject *module, PyObject *loop) {
  (void)module;
  if (gf_check_worker() || gf_children_prepare()) return NULL;
  Py_INCREF(loop);
  Py_XDECREF(gf_loop);
  gf_loop = loop;
  return PyLong_FromLong(run(1));
}

static PyObject *run_both(PyObject *module, PyObject *args) {
  PyObject *application, *base, *loop, *mounts;
  if (!PyArg_ParseTuple(args, "OO!OO!", &application, &PyDict_Type, &base, &loop, &PyList_Type, &mounts)) return NULL;
  if (gf_check_worker() || gf_wsgi_prepare(application, base)) return NULL;
  for (Py_ssize_t i = 0; i < PyList_Size(mounts); i++) {
    const char *path;
    Py_ssize_t length;
    int is_asgi;
    if (!PyArg_ParseTuple(PyList_GetItem(mounts, i), "y#p", &path, &length, &is_asgi)) return NULL;
    greenpython_mount(path, (size_t)length, is_asgi);
  }
  return run_asgi(module, loop);
}

static PyMethodDef methods[] = {
    {"worker_class", worker_class, METH_NOARGS, "'sync', 'thread' or 'green'; '' in what is not a worker."},
    {"setting", setting, METH_VARARGS, "setting(name): the text of a setting of the server; None for none."},
    {"log", log_text, METH_VARARGS, "log(level, text): writes into the error log."},
    {"fail", fail, METH_VARARGS, "fail(reason): tells the master that this worker cannot start."},
    {"run_wsgi", run_wsgi, METH_VARARGS, "run_wsgi(application, environ): serves; returns the exit status."},
    {"run_asgi", run_asgi, METH_O, "run_asgi(loop): serves, with loop() in a fiber; returns the exit status."},
    {"run_both", run_both, METH_VARARGS,
     "run_both(application, environ, loop, [(path, is_asgi)]): serves by both; returns the exit status."},
    {"ended_at_once", ended_at_once, METH_NOARGS, "Whether this worker was asked to end at once."},
    {"fork_server", gf_fork_server, METH_NOARGS, "The socket by which this process is told of workers to fork; -1."},
    {"fork_worker", gf_fork_worker, METH_NOARGS, "Forks a worker: its number, or 0 in the worker."},
    {"become_worker", gf_become_worker, METH_VARARGS,
     "become_worker(slot, descriptors): waits until the worker may begin. Whether it may."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_greenfinch", "The native parts of greenfinch.", -1,
                                        methods, NULL, NULL, NULL, NULL};

static int fill(PyObject *module) {
  int is_there = greenpython_version != NULL;
  if (is_there && greenpython_version() != GREENPYTHON_VERSION) {
    PyErr_SetString(PyExc_ImportError, "libgreenfinch is of another version than the package greenfinch");
    return -1;
  }
  if (PyModule_AddObject(module, "available", PyBool_FromLong(is_there))) return -1;
  if (PyModule_AddObject(module, "in_worker", PyBool_FromLong(is_there && greenpython_is_worker()))) return -1;
  if (PyModule_AddFunctions(module, gf_fiber_methods) || PyModule_AddFunctions(module, gf_running_methods)) return -1;
  return gf_fibers_prepare(module) || gf_file_wrapper_prepare(module) || asgi_add_to_module(module) ? -1 : 0;
}

PyMODINIT_FUNC PyInit__greenfinch(void) {
  PyObject *module = PyModule_Create(&definition);
  if (module && fill(module)) Py_CLEAR(module);
  return module;
}
