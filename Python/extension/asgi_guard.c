#include "asgi.h"

#include <stddef.h>
#include <string.h>

// A coroutine of a request that has a time. asyncio makes a task of it as of the coroutine itself; while it takes a step, its waits
// end with the request's time, and so does its computing: deadline.c. What goes on after the answer has all the time it wants.
//
// The exception can be raised in a step alone, so that it is raised in this request and nowhere else in the loop.

typedef struct {
  PyObject_HEAD
  PyObject *coroutine;
  asgi_exchange *exchange;
  gf_deadline deadline;
  bool begins;  // its next step is the first of the request's own task
} guard;

static PyTypeObject *guard_type;
// Whose task the running code is in: a contextvars.ContextVar, which tasks begun by it inherit.
static PyObject *own_exchange, *get_name, *set_name;

static bool is_over(const asgi_exchange *exchange) { return exchange->deadline < 0 || exchange->stage == ASGI_COMPLETE; }

static int needs_no_more_time(const gf_deadline *deadline) {
  const guard *own = (const guard *)((const char *)deadline - offsetof(guard, deadline));
  return is_over(own->exchange);
}

static PyObject *guard_new(asgi_exchange *exchange, PyObject *coroutine, bool begins) {
  guard *own = PyObject_GC_New(guard, guard_type);
  if (!own) return NULL;
  memset((char *)own + sizeof(PyObject), 0, sizeof(*own) - sizeof(PyObject));
  Py_INCREF((PyObject *)exchange);
  Py_INCREF(coroutine);
  own->exchange = exchange;
  own->coroutine = coroutine;
  own->deadline.is_over = needs_no_more_time;
  own->begins = begins;
  PyObject_GC_Track(own);
  return (PyObject *)own;
}

PyObject *asgi_guard_new(asgi_exchange *exchange, PyObject *coroutine) {
  if (!is_over(exchange)) return guard_new(exchange, coroutine, true);
  Py_INCREF(coroutine);
  return coroutine;
}

void asgi_guard_answered(asgi_exchange *exchange) {
  if (exchange->deadline >= 0) greenpython_set_deadline(-1);
}

static int guard_traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(((guard *)self)->coroutine);
  return 0;
}

static void guard_dealloc(PyObject *self) {
  PyTypeObject *type = Py_TYPE(self);
  guard *own = (guard *)self;
  PyObject_GC_UnTrack(self);
  Py_XDECREF(own->coroutine);
  Py_XDECREF((PyObject *)own->exchange);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

// ---- Steps -----------------------------------------------------------------------------------------------------------------

// In the context of the request's task, which the tasks that it begins inherit.
static int begin(guard *own) {
  if (!own->begins) return 0;
  own->begins = false;
  PyObject *token = PyObject_CallMethodObjArgs(own_exchange, set_name, (PyObject *)own->exchange, NULL);
  Py_XDECREF(token);
  return token ? 0 : -1;
}

// Calls a method of the coroutine. `arguments` is a tuple.
static PyObject *step(guard *own, PyObject *method, PyObject *arguments) {
  if (begin(own)) return NULL;
  PyObject *function = PyObject_GetAttr(own->coroutine, method);
  if (!function) return NULL;
  PyObject *yielded;
  // Of all that wait in the loop it is this one that the thread is at.
  gf_running *running = &own->exchange->running;
  unsigned long outside = running->thread;
  running->thread = PyThread_get_thread_ident();
  if (is_over(own->exchange)) {
    yielded = PyObject_CallObject(function, arguments);
  } else {
    // Whoever was cancelled has time to clean up.
    own->deadline.at = own->exchange->is_late ? gf_deadline_again() : own->exchange->deadline;
    int64_t outer = greenpython_set_deadline(own->exchange->deadline);
    gf_deadline_begin(&own->deadline);
    yielded = PyObject_CallObject(function, arguments);
    gf_deadline_end(&own->deadline);
    greenpython_set_deadline(outer);
  }
  running->thread = outside;
  Py_DECREF(function);
  return yielded;
}

static PyObject *guard_send(PyObject *self, PyObject *value) {
  PyObject *arguments = PyTuple_Pack(1, value);
  PyObject *yielded = arguments ? step((guard *)self, asgi_names.send, arguments) : NULL;
  Py_XDECREF(arguments);
  return yielded;
}

// A coroutine's StopIteration is one of an iterator too.
static PyObject *guard_next(PyObject *self) { return guard_send(self, Py_None); }

static PyObject *guard_throw(PyObject *self, PyObject *arguments) { return step((guard *)self, asgi_names.throw_, arguments); }

static PyObject *guard_close(PyObject *self, PyObject *unused) {
  (void)unused;
  return PyObject_CallMethod(((guard *)self)->coroutine, "close", NULL);
}

static PyObject *guard_self(PyObject *self) {
  Py_INCREF(self);
  return self;
}

// What looks at a task's coroutine finds what it is at, and its names.
static PyObject *guard_attribute(PyObject *self, PyObject *name) {
  PyObject *value = PyObject_GenericGetAttr(self, name);
  if (value || !PyErr_ExceptionMatches(PyExc_AttributeError)) return value;
  PyErr_Clear();
  return PyObject_GetAttr(((guard *)self)->coroutine, name);
}

static PyObject *guard_text(PyObject *self) { return PyObject_Repr(((guard *)self)->coroutine); }

static PyMethodDef guard_methods[] = {
  {"send", guard_send, METH_O, "Goes on, as a coroutine."},
  {"throw", guard_throw, METH_VARARGS, "Raises an exception where it waits, as a coroutine."},
  {"close", guard_close, METH_NOARGS, "Ends it, as a coroutine."},
  {NULL, NULL, 0, NULL},
};

static PyType_Slot guard_slots[] = {
  {Py_tp_dealloc, guard_dealloc},
  {Py_tp_traverse, guard_traverse},
  {Py_tp_getattro, guard_attribute},
  {Py_tp_repr, guard_text},
  {Py_tp_iter, guard_self},
  {Py_tp_iternext, guard_next},
  {Py_am_await, guard_self},
  {Py_tp_methods, guard_methods},
  {0, NULL},
};

static PyType_Spec guard_spec = {
  .name = "greenfinch._greenfinch.Guard",
  .basicsize = sizeof(guard),
  .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
  .slots = guard_slots,
};

// ---- Tasks of a request's task ---------------------------------------------------------------------------------------------

static PyObject *guarded(PyObject *self, PyObject *coroutine) {
  (void)self;
  PyObject *exchange = PyObject_CallMethodObjArgs(own_exchange, get_name, NULL);
  if (!exchange) return NULL;
  PyObject *result = coroutine;
  if (exchange == Py_None || is_over((asgi_exchange *)exchange)) {
    Py_INCREF(coroutine);
  } else {
    result = guard_new((asgi_exchange *)exchange, coroutine, false);
  }
  Py_DECREF(exchange);
  return result;
}

static PyMethodDef functions[] = {
  {"asgi_guarded", guarded, METH_O, "The coroutine, with the time of the request that the calling code is in."},
  {NULL, NULL, 0, NULL},
};

int asgi_guard_make_type(PyObject *module) {
  guard_type = (PyTypeObject *)PyType_FromSpec(&guard_spec);
  PyObject *variables = guard_type ? PyImport_ImportModule("contextvars") : NULL;
  PyObject *options = variables ? PyDict_New() : NULL, *arguments = options ? Py_BuildValue("(s)", "greenfinch request") : NULL;
  PyObject *variable = arguments ? PyObject_GetAttrString(variables, "ContextVar") : NULL;
  if (variable && !PyDict_SetItemString(options, "default", Py_None)) own_exchange = PyObject_Call(variable, arguments, options);
  Py_XDECREF(variable);
  Py_XDECREF(arguments);
  Py_XDECREF(options);
  Py_XDECREF(variables);
  get_name = PyUnicode_InternFromString("get");
  set_name = PyUnicode_InternFromString("set");
  return own_exchange && get_name && set_name ? PyModule_AddFunctions(module, functions) : -1;
}
