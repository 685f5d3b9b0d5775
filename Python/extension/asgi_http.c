#include "asgi.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// What an application sends of an answer.

bool asgi_is(PyObject *type, PyObject *name) { return type == name || PyUnicode_Compare(type, name) == 0; }

int asgi_unexpected(PyObject *type, const char *expected) {
  if (PyErr_Occurred()) return -1;
  if (expected) {
    PyErr_Format(PyExc_RuntimeError, "Expected ASGI message %s, but got '%U'.", expected, type);
  } else {
    PyErr_Format(PyExc_RuntimeError, "Unexpected ASGI message '%U' sent, after response already completed.", type);
  }
  return -1;
}

// 1 or 0; -1 with an exception.
static int flag(PyObject *message, PyObject *key) {
  PyObject *value = asgi_get(message, key);
  if (!value) return PyErr_Occurred() ? -1 : 0;
  return PyObject_IsTrue(value);
}

int asgi_start(asgi_exchange *exchange, PyObject *message) {
  exchange->head = asgi_head_of(message);
  if (!exchange->head) return -1;
  exchange->has_trailers = exchange->head->has_trailers;
  exchange->sends_trailers = exchange->has_trailers && exchange->head->trailer_length;
  exchange->stage = ASGI_STARTED;
  return 0;
}

// The head waits for the body: an application that fails before that can still be answered for with 500. `length`: of the
// body, where that is known and the application does not say.
static void send_head(asgi_exchange *exchange, int64_t length) {
  asgi_head *head = exchange->head;
  if (!head) return;
  if (head->answer.length < 0) head->answer.length = length;
  greenpython_asgi_start(
      exchange->native, &head->answer, exchange->sends_trailers ? head->trailer : NULL,
      exchange->sends_trailers ? head->trailer_length : 0);
  exchange->head = NULL;
  exchange->stage = ASGI_BODY;
  PyMem_Free(head);
}

// All of the answer has been given. Whoever waits for a message learns that none will come.
static int has_answered(asgi_exchange *exchange) {
  exchange->stage = ASGI_COMPLETE;
  asgi_guard_answered(exchange);
  return asgi_wake(&exchange->readers);
}

// The body's last part has been given.
static int body_has_ended(asgi_exchange *exchange) {
  if (!exchange->has_trailers) return has_answered(exchange);
  exchange->stage = ASGI_TRAILERS;
  return 0;
}

// The client has gone: an answer's last part is nobody's concern, but whoever makes more of it must know.
static int send_to_nobody(asgi_exchange *exchange, bool more) {
  if (more) {
    const char *reason = exchange->is_late ? "the request has taken longer than request_timeout" : "the client has gone";
    PyErr_SetString(asgi_application.gone_error, reason);
    return -1;
  }
  return body_has_ended(exchange);
}

int asgi_body(asgi_exchange *exchange, PyObject *message) {
  int more = flag(message, asgi_names.more_body);
  PyObject *body = more < 0 ? NULL : asgi_get(message, asgi_names.body);
  if (more < 0 || (!body && PyErr_Occurred())) return -1;
  if (exchange->is_gone) return send_to_nobody(exchange, more);
  PyObject *bytes = body ? asgi_bytes(body, "body") : PyBytes_FromStringAndSize(NULL, 0);
  if (!bytes) return -1;
  send_head(exchange, -1);
  bool is_last = !more && !exchange->sends_trailers;
  bool may_go_on = greenpython_asgi_write(exchange->native, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes), is_last);
  Py_DECREF(bytes);
  exchange->is_behind = more && !may_go_on;
  return more ? exchange->is_behind : body_has_ended(exchange);
}

// ---- http.response.trailers ----------------------------------------------------------------------------------------------

static int send_trailers(asgi_exchange *exchange) {
  size_t count = 0;
  greenpython_field *fields = asgi_fields_of(exchange->trailers, &count);
  if (!fields) return -1;
  greenpython_asgi_trailers(exchange->native, fields, count);
  PyMem_Free(fields);
  return 0;
}

static int trailers(asgi_exchange *exchange, PyObject *message) {
  int more = flag(message, asgi_names.more_trailers);
  PyObject *pairs = more < 0 ? NULL : asgi_get(message, asgi_names.headers);
  if (more < 0 || (!pairs && PyErr_Occurred())) return -1;
  if (!exchange->trailers && !(exchange->trailers = PyList_New(0))) return -1;
  if (pairs) {
    Py_ssize_t end = PyList_Size(exchange->trailers);
    PyObject *list = PySequence_List(pairs);
    int outcome = list ? PyList_SetSlice(exchange->trailers, end, end, list) : -1;
    Py_XDECREF(list);
    if (outcome) return -1;
  }
  if (more) return 0;
  if (has_answered(exchange)) return -1;
  return exchange->sends_trailers && !exchange->is_gone ? send_trailers(exchange) : 0;
}

// ---- http.response.pathsend ----------------------------------------------------------------------------------------------

// The length of a file that can be sent; -1 with an exception.
static int64_t length_of(const char *path) {
  struct stat status;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  int error = descriptor < 0 || fstat(descriptor, &status) ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
  if (descriptor >= 0) close(descriptor);
  if (!error) return status.st_size;
  errno = error;
  PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
  return -1;
}

static int path_send(asgi_exchange *exchange, PyObject *message) {
  PyObject *path = asgi_get(message, asgi_names.path), *bytes = NULL;
  if (!path) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_KeyError, "path");
    return -1;
  }
  if (!PyUnicode_FSConverter(path, &bytes)) return -1;
  const char *name = PyBytes_AsString(bytes);
  int64_t length = length_of(name);
  int error = 0;
  if (length >= 0) {
    exchange->sends_trailers = false;
    send_head(exchange, length);
    error = greenpython_asgi_send_path(exchange->native, name);
  }
  int outcome = length < 0 ? -1 : body_has_ended(exchange);
  if (error && !outcome) {
    errno = error;
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, name);
    outcome = -1;
  }
  Py_DECREF(bytes);
  return outcome;
}

// ---- http.response.early_hint --------------------------------------------------------------------------------------------

static int early_hint(asgi_exchange *exchange, PyObject *message) {
  PyObject *links = asgi_get(message, asgi_names.links);
  if (!links) return PyErr_Occurred() ? -1 : 0;
  PyObject *list = PySequence_List(links);
  if (!list) return -1;
  size_t count = (size_t)PyList_Size(list);
  greenpython_field *fields = PyMem_Malloc(count * sizeof(*fields) + 1);
  int outcome = fields ? 0 : -1;
  if (!fields) PyErr_NoMemory();
  for (size_t index = 0; index < count && !outcome; index++) {
    char *value = NULL;
    Py_ssize_t length = 0;
    outcome = PyBytes_AsStringAndSize(PyList_GetItem(list, (Py_ssize_t)index), &value, &length);
    fields[index] = (greenpython_field){"link", 4, value, (size_t)length};
  }
  if (!outcome) greenpython_asgi_early_hints(exchange->native, fields, count);
  PyMem_Free(fields);
  Py_DECREF(list);
  return outcome;
}

// ---- All of them -----------------------------------------------------------------------------------------------------------

static int before_body(asgi_exchange *exchange, PyObject *type, PyObject *message) {
  if (asgi_is(type, asgi_names.response_body)) return asgi_body(exchange, message);
  if (asgi_is(type, asgi_names.response_pathsend)) return path_send(exchange, message);
  return asgi_unexpected(type, "'http.response.body'");
}

int asgi_http_send(asgi_exchange *exchange, PyObject *type, PyObject *message) {
  switch (exchange->stage) {
  case ASGI_WAITING:
    if (asgi_is(type, asgi_names.response_start)) return asgi_start(exchange, message);
    if (asgi_is(type, asgi_names.response_early_hint)) return early_hint(exchange, message);
    return asgi_unexpected(type, "'http.response.start'");
  case ASGI_STARTED:
    return before_body(exchange, type, message);
  case ASGI_BODY:
    if (asgi_is(type, asgi_names.response_body)) return asgi_body(exchange, message);
    return asgi_unexpected(type, "'http.response.body'");
  case ASGI_TRAILERS:
    if (asgi_is(type, asgi_names.response_trailers)) return trailers(exchange, message);
    return asgi_unexpected(type, "'http.response.trailers'");
  default: return asgi_unexpected(type, NULL);
  }
}
