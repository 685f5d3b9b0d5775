#include "asgi.h"

// The task in which the application serves a request. Its first step is taken at once, and most have no second.

// ---- Tasks ---------------------------------------------------------------------------------------------------------------

// The step that a task has asked the loop for, and the context to run it in.
static PyObject *captured_step, *captured_context;
static PyObject *capture_function;

static PyObject *capture(PyObject *self, PyObject *arguments, PyObject *options) {
  (void)self;
  PyObject *step = PyTuple_GetItem(arguments, 0);
  if (!step) return NULL;
  PyObject *context = options ? PyDict_GetItemString(options, "context") : NULL;
  Py_INCREF(step);
  Py_XINCREF(context);
  Py_XDECREF(captured_step);
  Py_XDECREF(captured_context);
  captured_step = step;
  captured_context = context;
  Py_RETURN_NONE;
}

static PyMethodDef capture_method = {
  "call_soon", (PyCFunction)(void (*)(void))capture, METH_VARARGS | METH_KEYWORDS, "Keeps the first step of a task.",
};

// Before 3.12 a task always begins in the loop's next turn. Its first step is what it asks `call_soon` for: that is kept here
// and taken at once. Most applications end with it, and the loop never hears of them.
static PyObject *begin_captured(PyObject *coroutine) {
  if (PyObject_SetAttr(asgi_application.loop, asgi_names.call_soon, capture_function)) return NULL;
  PyObject *arguments = PyTuple_Pack(1, coroutine);
  PyObject *task = arguments ? PyObject_Call(asgi_application.task_type, arguments, asgi_application.task_options) : NULL;
  Py_XDECREF(arguments);
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyObject_SetAttr(asgi_application.loop, asgi_names.call_soon, NULL);
  PyErr_Restore(type, value, trace);
  PyObject *step = captured_step, *context = captured_context;
  captured_step = captured_context = NULL;
  PyObject *nothing = NULL;
  if (task && step) {
    nothing = context ? PyObject_CallMethodObjArgs(context, asgi_names.run, step, NULL) : PyObject_CallObject(step, NULL);
    if (!nothing) Py_CLEAR(task);
  }
  Py_XDECREF(nothing);
  Py_XDECREF(step);
  Py_XDECREF(context);
  return task;
}

PyObject *asgi_task_begin(PyObject *coroutine) {
  if (!asgi_application.is_eager) return begin_captured(coroutine);
  PyObject *arguments = PyTuple_Pack(1, coroutine);
  PyObject *task = arguments ? PyObject_Call(asgi_application.task_type, arguments, asgi_application.task_options) : NULL;
  Py_XDECREF(arguments);
  return task;
}

// ---- The end of a task -----------------------------------------------------------------------------------------------------

// Reports what the task has ended with. A cancellation is raised by asking for the exception.
static PyObject *task_ended(PyObject *self, PyObject *task) {
  asgi_exchange *exchange = (asgi_exchange *)self;
  PyObject *exception = PyObject_CallMethodObjArgs(task, asgi_names.exception, NULL);
  if (!exception) {
    PyObject *type, *trace;
    PyErr_Fetch(&type, &exception, &trace);
    PyErr_NormalizeException(&type, &exception, &trace);
    Py_XDECREF(type);
    Py_XDECREF(trace);
  }
  asgi_exchange_finish(exchange, exception == Py_None ? NULL : exception);
  Py_XDECREF(exception);
  Py_RETURN_NONE;
}

static PyMethodDef ended_method = {"ended", task_ended, METH_O, "A task has ended."};

// Whether the task has ended; else its end will be told.
int asgi_task_follow(asgi_exchange *exchange, PyObject *task) {
  PyObject *is_done = PyObject_CallMethodObjArgs(task, asgi_names.done, NULL);
  if (!is_done) return -1;
  bool has_ended = is_done == Py_True;
  Py_DECREF(is_done);
  PyObject *nothing;
  if (has_ended) {
    nothing = task_ended((PyObject *)exchange, task);
  } else {
    Py_INCREF(task);
    exchange->task = exchange->running.task = task;
    exchange->running.thread = 0;
    PyObject *ended = PyCFunction_New(&ended_method, (PyObject *)exchange);
    nothing = ended ? PyObject_CallMethodObjArgs(task, asgi_names.add_done_callback, ended, NULL) : NULL;
    Py_XDECREF(ended);
  }
  Py_XDECREF(nothing);
  return nothing ? 0 : -1;
}

int asgi_task_prepare(void) {
  capture_function = PyCFunction_New(&capture_method, NULL);
  return capture_function ? 0 : -1;
}
