#include "asgi.h"

// What `receive()` and `send()` return. Nearly always the answer is there, and `await` takes it without the loop; else it waits on
// futures of the loop until it is. It has a coroutine's methods, so that asyncio makes tasks of it as of any coroutine.

typedef enum { STEP_DONE, STEP_RECEIVING, STEP_WRITING } step_kind;

typedef struct {
  PyObject_HEAD
  asgi_exchange *exchange;
  PyObject *future;  // the iterator of the one that is waited for
  step_kind kind;
} step;

static PyTypeObject *step_type;
static PyObject *done;

static void step_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  step *own = (step *)self;
  Py_XDECREF((PyObject *)own->exchange);
  Py_XDECREF(own->future);
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject *step_new(step_kind kind, asgi_exchange *exchange) {
  step *own = PyObject_New(step, step_type);
  if (!own) return NULL;
  Py_XINCREF((PyObject *)exchange);
  own->exchange = exchange;
  own->future = NULL;
  own->kind = kind;
  return (PyObject *)own;
}

PyObject *asgi_step_done(void) {
  Py_INCREF(done);
  return done;
}
PyObject *asgi_step_receiving(asgi_exchange *exchange) { return step_new(STEP_RECEIVING, exchange); }
PyObject *asgi_step_writing(asgi_exchange *exchange) { return step_new(STEP_WRITING, exchange); }

// Ends the awaiting with a value, whose reference it takes over.
static PyObject *finish(PyObject *value) {
  if (value == Py_None) {
    Py_DECREF(value);
    return NULL;  // with no exception: the end, with None
  }
  // In a tuple of one, so that a value that is a tuple stays one.
  PyObject *arguments = PyTuple_Pack(1, value);
  Py_DECREF(value);
  if (!arguments) return NULL;
  PyErr_SetObject(PyExc_StopIteration, arguments);
  Py_DECREF(arguments);
  return NULL;
}

// 1: *value is there; 0: not yet; -1.
static int attempt(step *own, PyObject **value) {
  *value = NULL;
  asgi_exchange *exchange = own->exchange;
  if (own->kind == STEP_RECEIVING) {
    int outcome = exchange->is_websocket ? asgi_websocket_receive(exchange, value) : asgi_http_receive(exchange, value);
    return outcome < 0 ? -1 : *value != NULL;
  }
  if (own->kind == STEP_WRITING && exchange->is_behind && !exchange->is_gone) return 0;
  Py_INCREF(Py_None);
  *value = Py_None;
  return 1;
}

// A future of the loop's that is woken with those of a list.
static PyObject *waiting_in(PyObject **list) {
  if (!*list && !(*list = PyList_New(0))) return NULL;
  PyObject *future = PyObject_CallMethodObjArgs(asgi_application.loop, asgi_names.create_future, NULL);
  if (!future) return NULL;
  PyObject *iterator = PyList_Append(*list, future) ? NULL : PyObject_GetIter(future);
  Py_DECREF(future);
  return iterator;
}

static PyObject *step_next(PyObject *self) {
  step *own = (step *)self;
  while (true) {
    if (own->future) {
      PyObject *yielded = PyIter_Next(own->future);
      if (yielded) return yielded;
      Py_CLEAR(own->future);
      if (PyErr_Occurred()) return NULL;
    }
    PyObject *value;
    int outcome = attempt(own, &value);
    if (outcome < 0) return NULL;
    if (outcome > 0) return finish(value);
    PyObject **list = own->kind == STEP_RECEIVING ? &own->exchange->readers : &own->exchange->writers;
    own->future = waiting_in(list);
    if (!own->future) return NULL;
  }
}

static PyObject *step_self(PyObject *self) {
  Py_INCREF(self);
  return self;
}

static PyObject *step_send(PyObject *self, PyObject *value) {
  (void)value;
  PyObject *yielded = step_next(self);
  if (!yielded && !PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
  return yielded;
}

// Passes an exception on to the future, which is cancelled by it.
static PyObject *step_throw(PyObject *self, PyObject *arguments) {
  step *own = (step *)self;
  PyObject *type, *value = NULL, *trace = NULL;
  if (!PyArg_UnpackTuple(arguments, "throw", 1, 3, &type, &value, &trace)) return NULL;
  if (own->future) {
    PyObject *method = PyObject_GetAttr(own->future, asgi_names.throw_);
    PyObject *yielded = method ? PyObject_CallObject(method, arguments) : NULL;
    Py_XDECREF(method);
    if (yielded) return yielded;
    Py_CLEAR(own->future);
    return NULL;
  }
  if (PyExceptionInstance_Check(type)) {
    PyErr_SetObject((PyObject *)Py_TYPE(type), type);
  } else {
    PyErr_SetObject(type, value ? value : Py_None);
  }
  return NULL;
}

static PyObject *step_close(PyObject *self, PyObject *unused) {
  (void)unused;
  Py_CLEAR(((step *)self)->future);
  Py_RETURN_NONE;
}

static PyMethodDef step_methods[] = {
  {"send", step_send, METH_O, "Goes on, as a coroutine."},
  {"throw", step_throw, METH_VARARGS, "Raises an exception where it waits, as a coroutine."},
  {"close", step_close, METH_NOARGS, "Waits no longer."},
  {NULL, NULL, 0, NULL},
};

static PyType_Slot step_slots[] = {
  {Py_tp_dealloc, step_dealloc},
  {Py_tp_iter, step_self},
  {Py_tp_iternext, step_next},
  {Py_am_await, step_self},
  {Py_tp_methods, step_methods},
  {0, NULL},
};

static PyType_Spec step_spec = {
  .name = "greenfinch._greenfinch.Step",
  .basicsize = sizeof(step),
  .flags = Py_TPFLAGS_DEFAULT,
  .slots = step_slots,
};

int asgi_step_make_types(void) {
  step_type = (PyTypeObject *)PyType_FromSpec(&step_spec);
  if (!step_type) return -1;
  done = step_new(STEP_DONE, NULL);
  return done ? 0 : -1;
}
