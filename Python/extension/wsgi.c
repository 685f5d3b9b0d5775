#include "extension.h"

#include <errno.h>

// A request through an application of PEP 3333.

static PyObject *application, *context_type, *run_name, *close_name, *first_part, *second_part;
static PyObject *socket_type, *socket_name, *upgrade_name;

static PyObject *first(PyObject *self, PyObject *call);
static PyObject *second(PyObject *self, PyObject *call);
static PyMethodDef first_definition = {"respond", first, METH_O, NULL};
static PyMethodDef second_definition = {"respond", second, METH_O, NULL};

int gf_wsgi_prepare(PyObject *given, PyObject *base) {
  if (gf_environ_prepare(base) || gf_input_prepare() || gf_call_prepare() || gf_deadlines_prepare()) return -1;
  if (gf_early_hints_prepare()) return -1;
  PyObject *module = PyImport_ImportModule("contextvars");
  if (!module) return -1;
  context_type = PyObject_GetAttrString(module, "Context");
  Py_DECREF(module);
  run_name = PyUnicode_InternFromString("run");
  close_name = PyUnicode_InternFromString("close");
  first_part = PyCFunction_New(&first_definition, NULL);
  second_part = PyCFunction_New(&second_definition, NULL);
  if (!(module = PyImport_ImportModule("greenfinch._raw_socket"))) return -1;
  socket_type = PyObject_GetAttrString(module, "RawSocket");
  Py_DECREF(module);
  socket_name = PyUnicode_InternFromString("gunicorn.socket");
  upgrade_name = PyUnicode_InternFromString("HTTP_UPGRADE");
  Py_INCREF(given);
  application = given;
  return context_type && run_name && close_name && first_part && second_part && socket_type ? 0 : -1;
}

// ---- Other protocols -----------------------------------------------------------------------------------------------

// Code such as simple-websocket speaks another protocol over the connection by itself. 0, or -1 with an exception.
static int offer_socket(gf_call *call, PyObject *environ) {
  int is_wanted = PyDict_Contains(environ, upgrade_name);
  int descriptor = is_wanted > 0 ? greenpython_take_socket(call->exchange) : -1;
  if (descriptor < 0) return is_wanted < 0 ? -1 : 0;
  call->socket = PyObject_CallFunction(socket_type, "i", descriptor);
  return call->socket ? PyDict_SetItem(environ, socket_name, call->socket) : -1;
}

// Whether it has: then there is no answer.
static int has_used_socket(gf_call *call) {
  PyObject *type, *value, *trace;
  if (!call->socket) return 0;
  PyErr_Fetch(&type, &value, &trace);
  PyObject *used = PyObject_GetAttrString(call->socket, "used");
  int result = used ? PyObject_IsTrue(used) : 0;
  Py_XDECREF(used);
  PyErr_Restore(type, value, trace);
  return result;
}

void gf_wsgi_settle_socket(gf_call *call) {
  if (call->socket && !has_used_socket(call)) greenpython_return_socket(call->exchange);
}

static void end_socket(gf_call *call) {
  if (!call->socket) return;
  gf_wsgi_settle_socket(call);
  PyObject *result = PyObject_CallMethod(call->socket, "close", NULL);
  if (!result) PyErr_Clear();
  Py_XDECREF(result);
}

// ---- The parts of a call, in the context of its request ------------------------------------------------------------

// All blocks of a list, which are there already. A new reference to bytes.
static PyObject *join_list(PyObject *list) {
  PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
  PyObject *joined = empty ? PyObject_CallMethod(empty, "join", "O", list) : NULL;
  Py_XDECREF(empty);
  return joined;
}

static int is_list_of_bytes(PyObject *list) {
  if (!PyList_CheckExact(list) && !PyTuple_CheckExact(list)) return 0;
  Py_ssize_t count = PySequence_Size(list);
  for (Py_ssize_t i = 0; i < count; i++)
    if (!PyBytes_CheckExact(PyList_CheckExact(list) ? PyList_GetItem(list, i) : PyTuple_GetItem(list, i))) return 0;
  return 1;
}

// Sends what the iterator still has; one block where the calling thread must hand it over before the next. 0 at the end, 1
// where more may come, -1 with an exception.
static int send_blocks(gf_call *call, int one_only) {
  PyObject *block;
  while ((block = PyIter_Next(call->iterator))) {
    int error = gf_call_write(call, block);
    Py_DECREF(block);
    if (error) return -1;
    if (one_only && call->has_begun && !call->is_whole) return 1;
  }
  return PyErr_Occurred() ? -1 : gf_call_finish(call);
}

static int send_iterable(gf_call *call) {
  int is_file = gf_file_wrapper_begin(call, call->iterable);
  // On a thread the head goes out first.
  if (is_file) return is_file < 0 ? -1 : greenpython_in_fiber() ? gf_file_wrapper_send(call) : 1;
  if (is_list_of_bytes(call->iterable)) {
    Py_ssize_t count = PySequence_Size(call->iterable);
    PyObject *body = count == 1 ? PySequence_GetItem(call->iterable, 0) : join_list(call->iterable);
    int error = !body || gf_call_write_whole(call, body) || gf_call_finish(call);
    Py_XDECREF(body);
    return error ? -1 : 0;
  }
  call->iterator = PyObject_GetIter(call->iterable);
  return call->iterator ? send_blocks(call, !greenpython_in_fiber()) : -1;
}

// PEP 3333: always, and once, whatever came of the iteration. An exception that is set stays.
static void close_iterable(gf_call *call) {
  PyObject *type, *value, *trace, *iterable = call->iterable;
  if (!iterable) return;
  call->iterable = NULL;
  Py_CLEAR(call->iterator);
  PyErr_Fetch(&type, &value, &trace);
  PyObject *close = PyObject_GetAttr(iterable, close_name);
  if (close) {
    PyObject *result = PyObject_CallObject(close, NULL);
    if (!result) {
      gf_end_child();
      gf_log_exception("Error in close() of an application's answer");
    }
    Py_XDECREF(result);
    Py_DECREF(close);
  } else {
    PyErr_Clear();
  }
  Py_DECREF(iterable);
  PyErr_Restore(type, value, trace);
}

static PyObject *ended(gf_call *call, int result) {
  if (result > 0) Py_RETURN_TRUE;
  close_iterable(call);
  if (result < 0) return NULL;
  Py_RETURN_FALSE;
}

// Whether more is to come, as a bool.
static PyObject *first(PyObject *self, PyObject *object) {
  (void)self;
  gf_call *call = (gf_call *)object;
  PyObject *environ = gf_environ_make(call->exchange, call->input, &call->running);
  if (!environ || offer_socket(call, environ) || gf_early_hints_offer(call, environ)) {
    Py_XDECREF(environ);
    return NULL;
  }
  call->iterable = PyObject_CallFunctionObjArgs(application, environ, object, NULL);
  Py_DECREF(environ);
  return call->iterable ? ended(call, send_iterable(call)) : NULL;
}

static PyObject *second(PyObject *self, PyObject *object) {
  (void)self;
  gf_call *call = (gf_call *)object;
  return ended(call, call->file >= 0 ? gf_file_wrapper_send(call) : send_blocks(call, 0));
}

static PyObject *only_close(PyObject *self, PyObject *object) {
  (void)self;
  close_iterable((gf_call *)object);
  Py_RETURN_NONE;
}

// ---- For the library ---------------------------------------------------------------------------------------------

// A client that has gone is not a failure of the application.
static int is_of_client(gf_call *call) {
  // As code does that has spoken over the connection itself.
  if (PyErr_ExceptionMatches(PyExc_StopIteration) && has_used_socket(call)) return 1;
  if (!call->has_begun || !PyErr_ExceptionMatches(PyExc_OSError)) return 0;
  return PyErr_ExceptionMatches(PyExc_BrokenPipeError) || PyErr_ExceptionMatches(PyExc_ConnectionResetError);
}

static int run(gf_call *call, PyObject *part) {
  gf_running_begin(&call->running, call->exchange);
  gf_deadline_begin(&call->deadline);
  PyObject *result = PyObject_CallMethodObjArgs(call->context, run_name, part, (PyObject *)call, NULL);
  gf_deadline_end(&call->deadline);
  gf_running_end(&call->running);
  if (result) {
    int goes_on = result == Py_True;
    Py_DECREF(result);
    return goes_on;
  }
  gf_end_child();
  if (is_of_client(call)) {
    PyErr_Clear();
  } else {
    gf_fail(call->exchange, gf_is_request_timeout());
  }
  return 0;
}

static void end(gf_call *call) {
  end_socket(call);
  if (call->input) gf_input_end(call->input);
  call->exchange = NULL;
  // An application may have left environ there, which has a function of the call.
  Py_CLEAR(call->context);
  Py_DECREF((PyObject *)call);
}

static gf_call *begin(greenpython_exchange *exchange) {
  gf_call *call = gf_call_make(exchange);
  if (!call) return NULL;
  call->context = PyObject_CallObject(context_type, NULL);
  call->input = call->context ? gf_input_make(exchange) : NULL;
  if (call->input) return call;
  end(call);
  return NULL;
}

int gf_wsgi_respond(greenpython_exchange *exchange, void **state) {
  gf_attach();
  gf_call *call = begin(exchange);
  int goes_on = 0;
  if (!call) {
    gf_fail(exchange, 0);
  } else if ((goes_on = run(call, first_part))) {
    *state = call;
  } else {
    end(call);
  }
  gf_detach();
  return goes_on ? GREENPYTHON_MORE : GREENPYTHON_DONE;
}

int gf_wsgi_resume(greenpython_exchange *exchange, void *state) {
  (void)exchange;
  gf_attach();
  run(state, second_part);
  end(state);
  gf_detach();
  return GREENPYTHON_DONE;
}

void gf_wsgi_drop(void *state) {
  static PyMethodDef definition = {"close", only_close, METH_O, NULL};
  gf_call *call = state;
  gf_attach();
  gf_running_begin(&call->running, call->exchange);
  PyObject *part = PyCFunction_New(&definition, NULL);
  PyObject *result =
      part ? PyObject_CallMethodObjArgs(call->context, run_name, part, (PyObject *)call, NULL) : NULL;
  gf_running_end(&call->running);
  if (!result) PyErr_Clear();
  Py_XDECREF(result);
  Py_XDECREF(part);
  end(call);
  gf_detach();
}
