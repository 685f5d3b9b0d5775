#include "extension.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

// Functions of Python in fibers of their own.

typedef struct fiber {
  PyObject_HEAD
  greenpython_fiber *handle;
  PyObject *function, *arguments;
  PyObject *result;                       // NULL before the end, and where it has raised
  PyObject *type, *value, *trace;         // what it has raised
  int is_done;
  unsigned long ident;
} fiber;

static PyTypeObject *type;
PyObject *gf_loop;

static PyObject *call(fiber *self) {
  PyObject *module = PyImport_ImportModule("threading");
  PyObject *ident = module ? PyObject_CallMethod(module, "get_ident", NULL) : NULL;
  if (ident) self->ident = PyLong_AsUnsignedLong(ident);
  Py_XDECREF(ident);
  Py_XDECREF(module);
  return ident ? PyObject_Call(self->function, self->arguments, NULL) : NULL;
}

static void run_loop(void) {
  PyObject *result = gf_loop ? PyObject_CallObject(gf_loop, NULL) : NULL;
  if (!result) gf_log_exception("The application's event loop has failed");
  Py_XDECREF(result);
}

void gf_fibers_run(void *job) {
  gf_attach();
  fiber *self = job;
  if (!self) {
    run_loop();
  } else {
    self->result = call(self);
    if (!self->result) {
      gf_end_child();
      PyErr_Fetch(&self->type, &self->value, &self->trace);
    }
    self->is_done = 1;
    Py_CLEAR(self->function);
    Py_CLEAR(self->arguments);
    // Nobody will ask what it has raised.
    if (!self->result && Py_REFCNT((PyObject *)self) == 1) {
      PyErr_Restore(self->type, self->value, self->trace);
      self->type = self->value = self->trace = NULL;
      gf_log_exception("Error in a fiber");
    }
    Py_DECREF((PyObject *)self);
  }
  gf_detach();
}

void gf_main_turn(void) {
  gf_attach();
  pid_t worker = getpid();
  if (Py_MakePendingCalls() < 0) {
    gf_end_child();
    int is_end = PyErr_ExceptionMatches(PyExc_SystemExit) || PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    gf_log_exception(is_end ? "The handler of a signal ends the worker" : "Error in the handler of a signal");
    // The server handles that one. A child that the handler has forked ends by itself.
    if (is_end && getpid() == worker) kill(worker, SIGTERM);
  }
  gf_detach();
}

static PyObject *spawn(PyObject *module, PyObject *args) {
  (void)module;
  if (gf_check_worker()) return NULL;
  if (PyTuple_Size(args) < 1 || !PyCallable_Check(PyTuple_GetItem(args, 0))) {
    PyErr_SetString(PyExc_TypeError, "spawn() takes a function, and what it is called with");
    return NULL;
  }
  fiber *self = PyObject_New(fiber, type);
  if (!self) return NULL;
  self->handle = NULL;
  self->result = self->type = self->value = self->trace = NULL;
  self->is_done = 0;
  self->ident = 0;
  self->function = PyTuple_GetItem(args, 0);
  Py_INCREF(self->function);
  self->arguments = PyTuple_GetSlice(args, 1, PyTuple_Size(args));
  Py_INCREF((PyObject *)self);
  if (self->arguments && (self->handle = greenpython_spawn(self, "python"))) return (PyObject *)self;
  if (errno == EINVAL) {
    PyErr_SetString(PyExc_RuntimeError, "fibers are of workers of class green, and of the thread that serves there");
  } else if (!PyErr_Occurred()) {
    gf_set_errno(errno);
  }
  Py_DECREF((PyObject *)self);
  Py_DECREF((PyObject *)self);
  return NULL;
}

static PyObject *fiber_join(PyObject *object, PyObject *args, PyObject *names) {
  static char *known[] = {"timeout", NULL};
  PyObject *timeout = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, names, "|O", known, &timeout)) return NULL;
  double seconds = timeout == Py_None ? -1 : PyFloat_AsDouble(timeout);
  if (seconds == -1 && PyErr_Occurred()) return NULL;
  if (timeout != Py_None && seconds < 0) seconds = 0;
  int64_t time = seconds < 0 || seconds > 9e9 ? -1 : (int64_t)(seconds * 1e9);
  fiber *self = (fiber *)object;
  int number = 0;
  if (!self->is_done) {
    Py_BEGIN_ALLOW_THREADS
    number = greenpython_join(self->handle, time);
    Py_END_ALLOW_THREADS
  }
  if (number == 0) Py_RETURN_TRUE;
  if (number == ETIMEDOUT && time >= 0) Py_RETURN_FALSE;
  return gf_set_errno(number);
}

static PyObject *fiber_result(PyObject *object, PyObject *unused) {
  fiber *self = (fiber *)object;
  (void)unused;
  while (!self->is_done) {
    int number;
    Py_BEGIN_ALLOW_THREADS
    number = greenpython_join(self->handle, -1);
    Py_END_ALLOW_THREADS
    if (number) return gf_set_errno(number);
  }
  if (self->result) {
    Py_INCREF(self->result);
    return self->result;
  }
  Py_XINCREF(self->type);
  Py_XINCREF(self->value);
  Py_XINCREF(self->trace);
  PyErr_Restore(self->type, self->value, self->trace);
  return NULL;
}

static PyObject *fiber_cancel(PyObject *object, PyObject *unused) {
  fiber *self = (fiber *)object;
  (void)unused;
  if (!self->is_done) greenpython_cancel(self->handle);
  Py_RETURN_NONE;
}

static PyObject *get_done(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(((fiber *)object)->is_done);
}

static PyObject *get_ident(PyObject *object, void *unused) {
  (void)unused;
  return PyLong_FromUnsignedLong(((fiber *)object)->ident);
}

static void fiber_free(PyObject *object) {
  fiber *self = (fiber *)object;
  PyTypeObject *own = Py_TYPE(object);
  if (self->handle) greenpython_release(self->handle);
  Py_XDECREF(self->function);
  Py_XDECREF(self->arguments);
  Py_XDECREF(self->result);
  Py_XDECREF(self->type);
  Py_XDECREF(self->value);
  Py_XDECREF(self->trace);
  PyObject_Free(object);
  Py_DECREF(own);
}

static PyMethodDef methods[] = {
    {"join", (PyCFunction)(void (*)(void))fiber_join, METH_VARARGS | METH_KEYWORDS,
     "join(timeout=None): waits for its end, and says whether it has come."},
    {"result", fiber_result, METH_NOARGS, "result(): waits for what the function returns, or raises what it has raised."},
    {"cancel", fiber_cancel, METH_NOARGS, "cancel(): all its waits fail from now on."},
    {NULL, NULL, 0, NULL}};
static PyGetSetDef getters[] = {{"done", get_done, NULL, "Whether it has ended.", NULL},
                                {"ident", get_ident, NULL, "Its threading.get_ident(); 0 before it begins.", NULL},
                                {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot slots[] = {
    {Py_tp_methods, methods}, {Py_tp_getset, getters}, {Py_tp_dealloc, fiber_free}, {0, NULL}};
static PyType_Spec spec = {"greenfinch.Fiber", sizeof(fiber), 0, Py_TPFLAGS_DEFAULT, slots};

int gf_fibers_prepare(PyObject *module) {
  if (!type) type = (PyTypeObject *)PyType_FromSpec(&spec);
  if (!type) return -1;
  Py_INCREF(type);
  return PyModule_AddObject(module, "Fiber", (PyObject *)type);
}

static PyObject *in_fiber(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  return PyBool_FromLong(greenpython_version && greenpython_in_fiber());
}

static PyObject *yield(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  if (!greenpython_version) Py_RETURN_NONE;
  Py_BEGIN_ALLOW_THREADS
  greenpython_yield();
  Py_END_ALLOW_THREADS
  Py_RETURN_NONE;
}

static PyObject *current_fiber(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  void *fiber = greenpython_version ? greenpython_current_fiber() : NULL;
  if (!fiber) Py_RETURN_NONE;
  return PyLong_FromVoidPtr(fiber);
}

static PyObject *interrupt(PyObject *module, PyObject *number) {
  (void)module;
  void *fiber = PyLong_AsVoidPtr(number);
  if (PyErr_Occurred()) return NULL;
  return PyBool_FromLong(greenpython_version && fiber && greenpython_interrupt(fiber));
}

static PyObject *stats(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  if (gf_check_worker()) return NULL;
  greenpython_counters counted;
  greenpython_count(&counted);
  return Py_BuildValue(
      "{s:K,s:K,s:K,s:K,s:K,s:K,s:K}", "fibers", (unsigned long long)counted.fibers, "parked",
      (unsigned long long)counted.parked, "switches", (unsigned long long)counted.switches, "slots",
      (unsigned long long)counted.slots, "in_use", (unsigned long long)counted.slots_in_use, "most_in_use",
      (unsigned long long)counted.slots_most, "requests", (unsigned long long)counted.requests);
}

static PyObject *dump(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  if (gf_check_worker()) return NULL;
  char *text = greenpython_dump();
  PyObject *result = PyUnicode_DecodeUTF8(text ? text : "", text ? (Py_ssize_t)__builtin_strlen(text) : 0, "replace");
  free(text);
  return result;
}

PyMethodDef gf_fiber_methods[] = {
    {"spawn", spawn, METH_VARARGS, "spawn(function, *args): has a fiber call the function."},
    {"in_fiber", in_fiber, METH_NOARGS, "Whether the calling code runs in a fiber."},
    {"current_fiber", current_fiber, METH_NOARGS, "What interrupt() knows the calling fiber by; None outside fibers."},
    {"interrupt", interrupt, METH_O, "interrupt(fiber): its call that waits for input, output or a time fails, once."},
    {"yield_", yield, METH_NOARGS, "Lets the other fibers run."},
    {"stats", stats, METH_NOARGS, "What this worker's fibers do, in numbers."},
    {"dump", dump, METH_NOARGS, "All fibers, and what each waits for."},
    {NULL, NULL, 0, NULL}};
