#include "asgi.h"

#include <stdlib.h>

// Starts the application for each request, and hands on what the connections' fibers tell. Runs in the loop's fiber, between
// two callbacks of the loop.

// What one turn starts at most, so that the loop's own callbacks have theirs.
enum { EVENTS_AT_ONCE = 512 };

// ---- Requests --------------------------------------------------------------------------------------------------------------

static PyObject *method(asgi_exchange *exchange, const char *name) { return PyObject_GetAttrString((PyObject *)exchange, name); }

static PyObject *call(asgi_exchange *exchange) {
  PyObject *scope = asgi_scope(exchange);
  PyObject *receive = scope ? method(exchange, "receive") : NULL;
  PyObject *send = receive ? method(exchange, "send") : NULL;
  PyObject *coroutine =
      send ? PyObject_CallFunctionObjArgs(asgi_application.application, scope, receive, send, NULL) : NULL;
  Py_XDECREF(send);
  Py_XDECREF(receive);
  Py_XDECREF(scope);
  PyObject *guarded = coroutine ? asgi_guard_new(exchange, coroutine) : NULL;
  Py_XDECREF(coroutine);
  return guarded;
}

// What is wrong before there is a task is the application's failure too.
static void failed(asgi_exchange *exchange) {
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  if (value && trace) PyException_SetTraceback(value, trace);
  asgi_exchange_finish(exchange, value);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(trace);
}

static int start(const greenpython_event *event) {
  asgi_exchange *exchange = asgi_exchange_new(event->exchange, event->kind == GREENPYTHON_EVENT_WEBSOCKET);
  if (!exchange) return -1;
  asgi_application.active++;
  asgi_application.served++;
  // Later events find it so. Its task, or whoever else knows it, keeps it.
  greenpython_set_context(event->exchange, exchange);
  gf_running_begin(&exchange->running, event->exchange);
  PyObject *coroutine = call(exchange);
  PyObject *task = coroutine ? asgi_task_begin(coroutine) : NULL;
  Py_XDECREF(coroutine);
  if (!task || asgi_task_follow(exchange, task)) failed(exchange);
  Py_XDECREF(task);
  Py_DECREF((PyObject *)exchange);
  return 0;
}

// ---- Events ----------------------------------------------------------------------------------------------------------------

static int stop(void) {
  PyObject *nothing = PyObject_CallObject(asgi_application.on_stop, NULL);
  Py_XDECREF(nothing);
  return nothing ? 0 : -1;
}

static int take(const greenpython_event *event) {
  switch (event->kind) {
  case GREENPYTHON_EVENT_STOP: return stop();
  case GREENPYTHON_EVENT_REQUEST:
  case GREENPYTHON_EVENT_WEBSOCKET: return start(event);
  default: break;
  }
  asgi_exchange *exchange = greenpython_get_context(event->exchange);
  if (!exchange) return 0;
  Py_INCREF((PyObject *)exchange);
  int outcome = asgi_exchange_take(exchange, event);
  Py_DECREF((PyObject *)exchange);
  return outcome;
}

static PyObject *process(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  greenpython_event event;
  for (int count = 0; count < EVENTS_AT_ONCE; count++) {
    if (!greenpython_next_event(&event)) Py_RETURN_FALSE;
    int outcome = take(&event);
    free(event.bytes);
    if (outcome) return NULL;
  }
  Py_RETURN_TRUE;
}

// Waits for events, for the descriptor, or for so many seconds.
static PyObject *wait(PyObject *self, PyObject *arguments) {
  (void)self;
  int descriptor, outcome;
  PyObject *seconds;
  if (!PyArg_ParseTuple(arguments, "iO", &descriptor, &seconds)) return NULL;
  double time = seconds == Py_None ? -1 : PyFloat_AsDouble(seconds);
  if (time == -1 && PyErr_Occurred()) return NULL;
  int64_t nanoseconds = seconds == Py_None || time > 1e9 ? -1 : time <= 0 ? 0 : (int64_t)(time * 1e9) + 1;
  Py_BEGIN_ALLOW_THREADS;
  outcome = greenpython_asgi_wait(descriptor, nanoseconds);
  Py_END_ALLOW_THREADS;
  if (outcome < 0) return PyErr_SetFromErrno(PyExc_OSError);
  PyObject *more = process(NULL, NULL);
  Py_XDECREF(more);
  return more ? PyBool_FromLong(outcome == 1) : NULL;
}

// ---- Beginning ---------------------------------------------------------------------------------------------------------------

static PyObject *configure(PyObject *self, PyObject *arguments, PyObject *options) {
  (void)self;
  struct asgi_application *own = &asgi_application;
  static char *names[] = {"application", "loop", "task_type", "task_options", "is_eager", "report", "on_stop", "on_gone", "on_late",
                          "http", "websocket", "root_path", "state", "cancelled_error", "server", NULL};
  PyObject *application, *loop, *type, *task_options, *report, *on_stop, *on_gone, *on_late, *http, *websocket, *root, *state, *cancelled, *server;
  int is_eager;
  if (!PyArg_ParseTupleAndKeywords(
          arguments, options, "OOOO!pOOOOO!O!UOOO", names, &application, &loop, &type, &PyDict_Type, &task_options, &is_eager,
          &report, &on_stop, &on_gone, &on_late, &PyDict_Type, &http, &PyDict_Type, &websocket, &root, &state,
          &cancelled, &server))
    return NULL;
  if (gf_deadlines_prepare()) return NULL;
  PyObject *given[] = {application, loop, type, task_options, report, on_stop, on_gone, on_late, http, websocket, root, state, cancelled, server};
  PyObject **kept[] = {&own->application, &own->loop, &own->task_type, &own->task_options, &own->report, &own->on_stop,
                       &own->on_gone, &own->on_late, &own->http, &own->websocket, &own->root_path, &own->state,
                       &own->cancelled_error, &own->server};
  for (size_t index = 0; index < sizeof given / sizeof *given; index++) {
    PyObject *before = *kept[index];
    *kept[index] = given[index] == Py_None ? NULL : given[index];
    Py_XINCREF(*kept[index]);
    Py_XDECREF(before);
  }
  own->is_eager = is_eager;
  Py_RETURN_NONE;
}

static PyObject *started(PyObject *self, PyObject *failure) {
  (void)self;
  PyObject *bytes = failure == Py_None ? NULL : PyUnicode_AsEncodedString(failure, "utf-8", "backslashreplace");
  if (failure != Py_None && !bytes) return NULL;
  greenpython_asgi_started(bytes ? PyBytes_AsString(bytes) : NULL);
  Py_XDECREF(bytes);
  Py_RETURN_NONE;
}

static PyObject *descriptor(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  return PyLong_FromLong(greenpython_event_descriptor());
}

static PyObject *active(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  return PyLong_FromUnsignedLong(asgi_application.active);
}

static PyMethodDef functions[] = {
  {"asgi_configure", (PyCFunction)(void (*)(void))configure, METH_VARARGS | METH_KEYWORDS, "Says which application there is."},
  {"asgi_started", started, METH_O, "The application serves; or why it cannot."},
  {"asgi_descriptor", descriptor, METH_NOARGS, "Readable when there is something to process."},
  {"asgi_process", process, METH_NOARGS, "Takes what has come from the connections; whether there is more."},
  {"asgi_wait", wait, METH_VARARGS, "Waits and processes; whether the descriptor is readable."},
  {"asgi_active", active, METH_NOARGS, "How many calls of the application have not ended."},
  {NULL, NULL, 0, NULL},
};

int asgi_add_to_module(PyObject *module) {
  if (asgi_exchange_make_type(module) || asgi_step_make_types() || asgi_guard_make_type(module) || asgi_task_prepare()) return -1;
  return PyModule_AddFunctions(module, functions);
}
