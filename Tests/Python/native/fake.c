// What libgreenfinch is to the extension's part for ASGI, played by a test: it says what clients send, and sees what the
// application orders.

#include "asgi.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct greenpython_exchange {
  int references;
  char *base;
  greenpython_range *fields;
  greenpython_head head;
  PyObject *orders;    // the test's
  PyObject *settings;  // texts by name: peer, client, local, scheme, root_path
  void *context;
  long room;           // how much may be written before the application has to wait
};

typedef struct item {
  struct item *next;
  greenpython_event event;
} item;

static item *first, **last = &first;
static PyObject *setting_function, *log_list, *started_list;

static void post(greenpython_event event) {
  item *own = malloc(sizeof *own);
  *own = (item){NULL, event};
  *last = own;
  last = &own->next;
}

bool greenpython_next_event(greenpython_event *event) {
  item *own = first;
  if (!own) return false;
  *event = own->event;
  first = own->next;
  if (!first) last = &first;
  free(own);
  return true;
}

int greenpython_asgi_wait(int descriptor, int64_t nanoseconds) {
  if (first) return 0;
  struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
  int found = poll(&wanted, 1, nanoseconds < 0 ? -1 : (int)((nanoseconds + 999999) / 1000000));
  return found < 0 ? -1 : found ? 1 : 2;
}

int greenpython_event_descriptor(void) { return -1; }
void greenpython_set_context(greenpython_exchange *exchange, void *context) { exchange->context = context; }
void *greenpython_get_context(const greenpython_exchange *exchange) { return exchange->context; }
void greenpython_get_head(const greenpython_exchange *exchange, greenpython_head *head) { *head = exchange->head; }

size_t greenpython_get_text(const greenpython_exchange *exchange, int which, char *buffer, size_t size) {
  static const char *const names[] = {"peer", "local", "client", "scheme", "root_path", "id", "line"};
  PyObject *text = PyDict_GetItemString(exchange->settings, names[which]);
  PyObject *bytes = text ? PyUnicode_AsUTF8String(text) : PyBytes_FromString("");
  size_t count = (size_t)PyBytes_Size(bytes);
  snprintf(buffer, size, "%s", PyBytes_AsString(bytes));
  Py_DECREF(bytes);
  return count;
}

static void let_go(greenpython_exchange *exchange) {
  if (--exchange->references) return;
  Py_DECREF(exchange->orders);
  Py_DECREF(exchange->settings);
  free(exchange->base);
  free(exchange->fields);
  free(exchange);
}
void greenpython_exchange_release(greenpython_exchange *exchange) { let_go(exchange); }

static void order(const greenpython_exchange *exchange, PyObject *what) {
  PyList_Append(exchange->orders, what);
  Py_DECREF(what);
}

static PyObject *pairs(const greenpython_field *fields, size_t count) {
  PyObject *list = PyList_New(0);
  for (size_t index = 0; index < count; index++) {
    PyObject *pair = Py_BuildValue(
        "(y#y#)", fields[index].name, (Py_ssize_t)fields[index].name_length, fields[index].value,
        (Py_ssize_t)fields[index].value_length);
    PyList_Append(list, pair);
    Py_DECREF(pair);
  }
  return list;
}

void greenpython_asgi_want(greenpython_exchange *exchange) { order(exchange, Py_BuildValue("(s)", "want")); }

void greenpython_asgi_start(
    greenpython_exchange *exchange, const greenpython_answer *answer, const char *trailers, size_t length) {
  order(exchange, Py_BuildValue(
                      "(siNLz#)", "start", answer->status, pairs(answer->fields, answer->field_count),
                      (long long)answer->length, trailers, (Py_ssize_t)length));
}

bool greenpython_asgi_write(greenpython_exchange *exchange, const void *bytes, size_t count, bool is_last) {
  order(exchange, Py_BuildValue("(sy#i)", "write", bytes, (Py_ssize_t)count, is_last));
  exchange->room -= (long)count;
  return exchange->room > 0;
}

int greenpython_asgi_send_path(greenpython_exchange *exchange, const char *path) {
  order(exchange, Py_BuildValue("(ss)", "path", path));
  return 0;
}

void greenpython_asgi_trailers(greenpython_exchange *exchange, const greenpython_field *fields, size_t count) {
  order(exchange, Py_BuildValue("(sN)", "trailers", pairs(fields, count)));
}

void greenpython_asgi_early_hints(greenpython_exchange *exchange, const greenpython_field *fields, size_t count) {
  order(exchange, Py_BuildValue("(sN)", "hints", pairs(fields, count)));
}

void greenpython_asgi_accept(
    greenpython_exchange *exchange, const char *subprotocol, size_t length, const greenpython_field *fields, size_t count) {
  order(exchange, Py_BuildValue("(sz#N)", "accept", subprotocol, (Py_ssize_t)length, pairs(fields, count)));
}

bool greenpython_asgi_message(greenpython_exchange *exchange, const void *bytes, size_t count, bool is_text) {
  order(exchange, Py_BuildValue("(sy#)", is_text ? "text" : "bytes", bytes, (Py_ssize_t)count));
  exchange->room -= (long)count;
  return exchange->room > 0;
}

void greenpython_asgi_close(greenpython_exchange *exchange, int code, const char *reason, size_t length) {
  order(exchange, Py_BuildValue("(sis#)", "close", code, reason, (Py_ssize_t)length));
}

void greenpython_asgi_fail(greenpython_exchange *exchange, const char *text, size_t length, bool is_late) {
  order(exchange, Py_BuildValue("(ss#)", is_late ? "late" : "fail", text, (Py_ssize_t)length));
}

// Requests have no time here, but for those that a test gives one, which never ends.
int64_t greenpython_asgi_deadline(const greenpython_exchange *exchange) {
  return PyDict_GetItemString(exchange->settings, "has_time") ? INT64_MAX : -1;
}
int64_t greenpython_set_deadline(int64_t nanoseconds) { return nanoseconds; }
int gf_deadlines_prepare(void) { return 0; }
int gf_has_request_time(void) { return 1; }
int64_t gf_deadline_again(void) { return 0; }
int gf_deadline_has_passed(int64_t at) { return at >= 0 && at < INT64_MAX; }
int gf_is_request_timeout_itself(PyObject *exception) { return !exception; }
void gf_deadline_begin(gf_deadline *deadline) { (void)deadline; }
void gf_deadline_end(gf_deadline *deadline) { (void)deadline; }

void greenpython_log(int level, const char *text, size_t length) {
  PyObject *line = Py_BuildValue("(is#)", level, text, (Py_ssize_t)length);
  PyList_Append(log_list, line);
  Py_DECREF(line);
}

void greenpython_asgi_started(const char *failure) {
  PyObject *text = Py_BuildValue("z", failure);
  PyList_Append(started_list, text);
  Py_DECREF(text);
}

// ---- What the test calls ---------------------------------------------------------------------------------------------------

static void capsule_gone(PyObject *capsule) { let_go(PyCapsule_GetPointer(capsule, "exchange")); }

// Joins method, target and fields to one block, as a connection has them.
static int lay(greenpython_exchange *exchange, const char *method, const char *target, PyObject *fields) {
  size_t count = (size_t)PyList_Size(fields), size = strlen(method) + strlen(target) + 1;
  for (size_t index = 0; index < count; index++) {
    PyObject *pair = PyList_GetItem(fields, (Py_ssize_t)index);
    size += (size_t)(PyBytes_Size(PyTuple_GetItem(pair, 0)) + PyBytes_Size(PyTuple_GetItem(pair, 1)));
  }
  char *base = exchange->base = malloc(size + 1);
  exchange->fields = calloc(count + 1, sizeof *exchange->fields);
  size_t used = (size_t)sprintf(base, "%s%s", method, target);
  greenpython_head *head = &exchange->head;
  head->base = base;
  head->method_length = strlen(method);
  head->target = head->path = strlen(method);
  head->target_length = strlen(target);
  const char *query = strchr(target, '?');
  head->path_length = query ? (size_t)(query - target) : strlen(target);
  head->query = head->path + head->path_length + 1;
  head->query_length = query ? (ssize_t)strlen(query + 1) : -1;
  head->authority_length = -1;
  head->fields = exchange->fields;
  head->field_count = count;
  for (size_t index = 0; index < count; index++) {
    PyObject *pair = PyList_GetItem(fields, (Py_ssize_t)index), *name = PyTuple_GetItem(pair, 0), *value = PyTuple_GetItem(pair, 1);
    exchange->fields[index] = (greenpython_range){
      (uint32_t)used, (uint32_t)PyBytes_Size(name), (uint32_t)(used + (size_t)PyBytes_Size(name)), (uint32_t)PyBytes_Size(value)};
    memcpy(base + used, PyBytes_AsString(name), (size_t)PyBytes_Size(name));
    used += (size_t)PyBytes_Size(name);
    memcpy(base + used, PyBytes_AsString(value), (size_t)PyBytes_Size(value));
    used += (size_t)PyBytes_Size(value);
  }
  return 0;
}

static PyObject *request(PyObject *self, PyObject *arguments) {
  (void)self;
  const char *method, *target;
  PyObject *fields, *orders, *settings;
  int version, is_websocket;
  long room;
  long long length;
  if (!PyArg_ParseTuple(
          arguments, "ssO!O!O!iLpl", &method, &target, &PyList_Type, &fields, &PyList_Type, &orders, &PyDict_Type, &settings,
          &version, &length, &is_websocket, &room))
    return NULL;
  greenpython_exchange *exchange = calloc(1, sizeof *exchange);
  exchange->references = 2;
  exchange->orders = orders;
  exchange->settings = settings;
  exchange->room = room;
  Py_INCREF(orders);
  Py_INCREF(settings);
  lay(exchange, method, target, fields);
  exchange->head.version = version;
  exchange->head.body_length = length;
  post((greenpython_event){.kind = is_websocket ? GREENPYTHON_EVENT_WEBSOCKET : GREENPYTHON_EVENT_REQUEST, .exchange = exchange});
  return PyCapsule_New(exchange, "exchange", capsule_gone);
}

static PyObject *tell(PyObject *self, PyObject *arguments) {
  (void)self;
  PyObject *capsule;
  greenpython_event event = {0};
  long long number;
  const char *bytes;
  Py_ssize_t count;
  if (!PyArg_ParseTuple(arguments, "OiLz#", &capsule, &event.kind, &number, &bytes, &count)) return NULL;
  event.exchange = capsule == Py_None ? NULL : PyCapsule_GetPointer(capsule, "exchange");
  event.number = number;
  if (event.kind == GREENPYTHON_EVENT_DRAINED) event.exchange->room = number;
  if (bytes) {
    event.bytes = malloc((size_t)count + 1);
    memcpy(event.bytes, bytes, (size_t)count);
    event.count = (size_t)count;
  }
  post(event);
  Py_RETURN_NONE;
}

static PyObject *setting(PyObject *self, PyObject *name) {
  (void)self;
  return PyObject_CallFunctionObjArgs(setting_function, name, NULL);
}

static PyObject *play(PyObject *self, PyObject *arguments) {
  (void)self;
  if (!PyArg_ParseTuple(arguments, "OOO", &setting_function, &log_list, &started_list)) return NULL;
  Py_INCREF(setting_function);
  Py_INCREF(log_list);
  Py_INCREF(started_list);
  Py_RETURN_NONE;
}

static PyObject *in_fiber(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  Py_RETURN_FALSE;
}

static PyObject *tell_aborts(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  gf_running_tell_aborts();
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
  {"request", request, METH_VARARGS, ""}, {"tell", tell, METH_VARARGS, ""},       {"play", play, METH_VARARGS, ""},
  {"setting", setting, METH_O, ""},       {"in_fiber", in_fiber, METH_NOARGS, ""}, {"tell_aborts", tell_aborts, METH_NOARGS, ""},
  {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_greenfinch", NULL, -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__greenfinch(void) {
  PyObject *module = PyModule_Create(&definition);
  if (module && (asgi_add_to_module(module) || PyModule_AddFunctions(module, gf_running_methods))) Py_CLEAR(module);
  return module;
}
