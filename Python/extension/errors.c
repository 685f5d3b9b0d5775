#include "extension.h"

#include <errno.h>
#include <string.h>

static PyObject *format(PyObject *type, PyObject *value, PyObject *trace) {
  PyObject *module = PyImport_ImportModule("traceback"), *lines = NULL, *text = NULL;
  if (!module) return NULL;
  lines = PyObject_CallMethod(
      module, "format_exception", "OOO", type, value ? value : Py_None, trace ? trace : Py_None);
  Py_DECREF(module);
  if (!lines) return NULL;
  PyObject *empty = PyUnicode_FromString("");
  if (empty) text = PyUnicode_Join(empty, lines);
  Py_XDECREF(empty);
  Py_DECREF(lines);
  return text;
}

PyObject *gf_take_traceback(void) {
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  if (!type) return NULL;
  PyErr_NormalizeException(&type, &value, &trace);
  PyObject *text = format(type, value, trace);
  if (!text) {
    // Such as an exception whose text cannot be made.
    PyErr_Clear();
    PyObject *name = PyObject_Str(type);
    text = PyUnicode_FromFormat("%V, of which no traceback can be made", name, "an exception");
    Py_XDECREF(name);
    if (!text) PyErr_Clear();
  }
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(trace);
  return text;
}

// In UTF-8, without the newline at its end. A new reference; NULL where there is nothing.
static PyObject *encoded(PyObject *text) {
  PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
  if (!bytes) PyErr_Clear();
  return bytes;
}

static Py_ssize_t trimmed(const char *bytes, Py_ssize_t count) {
  while (count > 0 && bytes[count - 1] == '\n') count--;
  return count;
}

void gf_fail(greenpython_exchange *exchange, int is_late) {
  PyObject *text = gf_take_traceback(), *bytes = encoded(text);
  const char *plain = bytes ? PyBytes_AsString(bytes) : "an exception";
  greenpython_fail(exchange, plain, (size_t)trimmed(plain, (Py_ssize_t)strlen(plain)), is_late);
  Py_XDECREF(bytes);
  Py_XDECREF(text);
}

void gf_log_exception(const char *sentence) {
  PyObject *traceback = gf_take_traceback();
  PyObject *text = PyUnicode_FromFormat("%s: %V", sentence, traceback, "an exception"), *bytes = encoded(text);
  if (bytes) {
    const char *plain = PyBytes_AsString(bytes);
    greenpython_log(40, plain, (size_t)trimmed(plain, PyBytes_Size(bytes)));
  }
  Py_XDECREF(bytes);
  Py_XDECREF(text);
  Py_XDECREF(traceback);
}

PyObject *gf_set_errno(int number) {
  errno = number;
  return PyErr_SetFromErrno(PyExc_OSError);
}

int gf_check_worker(void) {
  if (greenpython_version && greenpython_is_worker()) return 0;
  PyErr_SetString(PyExc_RuntimeError, "this can be had in a worker of greenfinch only: start the program by the command greenfinch");
  return -1;
}
