#include "asgi.h"

#include <string.h>

// One request as the application has it: `receive` and `send` are its methods.

struct asgi_names asgi_names;
struct asgi_application asgi_application;

static PyTypeObject *exchange_type;

asgi_exchange *asgi_exchange_new(greenpython_exchange *native, bool is_websocket) {
  asgi_exchange *exchange = PyObject_New(asgi_exchange, exchange_type);
  if (!exchange) return NULL;
  // All after the object's own head.
  memset((char *)exchange + sizeof(PyObject), 0, sizeof(*exchange) - sizeof(PyObject));
  exchange->native = native;
  exchange->is_websocket = is_websocket;
  exchange->deadline = gf_has_request_time() ? greenpython_asgi_deadline(native) : -1;
  return exchange;
}

static void exchange_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  asgi_exchange *exchange = (asgi_exchange *)self;
  // What comes from now on concerns nobody.
  greenpython_set_context(exchange->native, NULL);
  gf_running_end(&exchange->running);
  greenpython_exchange_release(exchange->native);
  Py_XDECREF(exchange->task);
  Py_XDECREF(exchange->inbox);
  Py_XDECREF(exchange->readers);
  Py_XDECREF(exchange->writers);
  Py_XDECREF(exchange->close_reason);
  Py_XDECREF(exchange->trailers);
  PyMem_Free(exchange->head);
  PyObject_Free(self);
  Py_DECREF(type);
}

int asgi_wake(PyObject **waiting) {
  PyObject *list = *waiting;
  if (!list) return 0;
  *waiting = NULL;
  int outcome = 0;
  for (Py_ssize_t index = 0; index < PyList_Size(list) && !outcome; index++) {
    PyObject *future = PyList_GetItem(list, index);
    // Whoever was cancelled waits no longer.
    PyObject *is_done = PyObject_CallMethodObjArgs(future, asgi_names.done, NULL);
    PyObject *nothing = NULL;
    if (is_done == Py_False) {
      nothing = PyObject_CallMethodObjArgs(future, asgi_names.set_result, Py_None, NULL);
      outcome = nothing ? 0 : -1;
    } else if (!is_done) {
      outcome = -1;
    }
    Py_XDECREF(nothing);
    Py_XDECREF(is_done);
  }
  Py_DECREF(list);
  return outcome;
}

// ---- Methods -----------------------------------------------------------------------------------------------------------

static PyObject *exchange_receive(PyObject *self, PyObject *unused) {
  (void)unused;
  return asgi_step_receiving((asgi_exchange *)self);
}

static PyObject *exchange_send(PyObject *self, PyObject *message) {
  asgi_exchange *exchange = (asgi_exchange *)self;
  PyObject *type = PyDict_Check(message) ? PyDict_GetItemWithError(message, asgi_names.type) : NULL;
  if (!type || !PyUnicode_Check(type)) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "an ASGI message is a dict with a type");
    return NULL;
  }
  int outcome = exchange->is_websocket ? asgi_websocket_send(exchange, type, message)
                                        : asgi_http_send(exchange, type, message);
  if (outcome < 0) return NULL;
  return outcome ? asgi_step_writing(exchange) : asgi_step_done();
}

// Ends what makes an answer that nobody waits for. What comes after the answer goes on.
static PyObject *exchange_give_up(PyObject *self, PyObject *unused) {
  asgi_exchange *exchange = (asgi_exchange *)self;
  (void)unused;
  if (!exchange->task || exchange->stage == ASGI_COMPLETE) Py_RETURN_NONE;
  return PyObject_CallMethod(exchange->task, "cancel", NULL);
}

// ---- The type ----------------------------------------------------------------------------------------------------------

static PyMethodDef exchange_methods[] = {
  {"receive", exchange_receive, METH_NOARGS, "The next message of the client's; awaitable."},
  {"send", exchange_send, METH_O, "Sends a message; awaitable."},
  {"give_up", exchange_give_up, METH_NOARGS, "Cancels the task, unless the answer is complete."},
  {NULL, NULL, 0, NULL},
};

static PyType_Slot exchange_slots[] = {
  {Py_tp_dealloc, exchange_dealloc},
  {Py_tp_methods, exchange_methods},
  {0, NULL},
};

static PyType_Spec exchange_spec = {
  .name = "greenfinch._greenfinch.Exchange",
  .basicsize = sizeof(asgi_exchange),
  .flags = Py_TPFLAGS_DEFAULT,
  .slots = exchange_slots,
};

int asgi_exchange_make_type(PyObject *module) {
#define ASGI_NAME(name, text) \
  if (!(asgi_names.name = PyUnicode_InternFromString(text))) return -1;
  ASGI_NAMES(ASGI_NAME)
#undef ASGI_NAME
  exchange_type = (PyTypeObject *)PyType_FromSpec(&exchange_spec);
  if (!exchange_type) return -1;
  asgi_application.gone_error = PyErr_NewExceptionWithDoc(
      "greenfinch.ClientDisconnected", "The client has gone: nothing more can be sent to it.", PyExc_OSError, NULL);
  if (!asgi_application.gone_error) return -1;
  Py_INCREF(asgi_application.gone_error);
  return PyModule_AddObject(module, "ClientDisconnected", asgi_application.gone_error);
}
