#include "extension.h"

#include <errno.h>

// environ["wsgi.early_hints"]: 103 (Early Hints), RFC 8297, by the name that gunicorn has given it.

static PyObject *key, *method_name;

int gf_early_hints_prepare(void) {
  if (!key && !(key = PyUnicode_InternFromString("wsgi.early_hints"))) return -1;
  if (!method_name && !(method_name = PyUnicode_InternFromString("early_hints"))) return -1;
  return 0;
}

int gf_early_hints_offer(gf_call *call, PyObject *environ) {
  PyObject *function = PyObject_GetAttr((PyObject *)call, method_name);
  if (!function) return -1;
  int result = PyDict_SetItem(environ, key, function);
  Py_DECREF(function);
  return result;
}

PyObject *gf_early_hints_send(PyObject *object, PyObject *pairs) {
  gf_call *call = (gf_call *)object;
  greenpython_exchange *exchange = call->exchange;
  // The exchange may end while another sends, and a connection is its hub's.
  if (call->running.thread != PyThread_get_thread_ident()) {
    PyErr_SetString(PyExc_RuntimeError, "wsgi.early_hints is called by the thread or greenlet that the application was called on");
    return NULL;
  }
  gf_fields fields;
  int64_t length = -1;
  // What cannot be a field is wrong whenever it is said.
  if (gf_fields_of_bytes(pairs, &fields, &length)) return NULL;
  int number = 0;
  // After the head they are of no use; and nothing is put between the words of another protocol.
  if (exchange && !call->has_begun && !call->socket) {
    Py_BEGIN_ALLOW_THREADS
    number = greenpython_early_hints(exchange, fields.fields, fields.count);
    Py_END_ALLOW_THREADS
  }
  gf_fields_free(&fields);
  // A client that has gone is met by the answer.
  if (number && number != EPIPE && number != ECONNRESET) return gf_set_errno(number);
  Py_RETURN_NONE;
}
