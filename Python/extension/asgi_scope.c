#include "asgi.h"

#include <string.h>

// The scope of a request: https://asgi.readthedocs.io/en/latest/specs/www.html

static int put(PyObject *scope, PyObject *key, PyObject *value) {
  if (!value) return -1;
  int outcome = PyDict_SetItem(scope, key, value);
  Py_DECREF(value);
  return outcome;
}

static PyObject *latin1(const char *bytes, size_t count) { return PyUnicode_DecodeLatin1(bytes, (Py_ssize_t)count, NULL); }

// ---- The target ----------------------------------------------------------------------------------------------------------

static int digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  character |= 0x20;
  return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

// Percent-decoded; what is not UTF-8 becomes U+FFFD, and a malformed escape stays, as in urllib's unquote.
static PyObject *decoded_path(const char *path, size_t count) {
  if (!memchr(path, '%', count)) return PyUnicode_DecodeUTF8(path, (Py_ssize_t)count, "replace");
  char *bytes = PyMem_Malloc(count + 1);
  if (!bytes) return PyErr_NoMemory();
  size_t length = 0;
  for (size_t index = 0; index < count; index++) {
    int high = path[index] == '%' && index + 2 < count ? digit(path[index + 1]) : -1;
    int low = high >= 0 ? digit(path[index + 2]) : -1;
    bytes[length++] = low >= 0 ? (char)(high << 4 | low) : path[index];
    if (low >= 0) index += 2;
  }
  PyObject *text = PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)length, "replace");
  PyMem_Free(bytes);
  return text;
}

// The path with what it was mounted at before it, as the specification has it.
static int put_mounted_path(PyObject *scope, PyObject *root, const char *path, size_t count) {
  PyObject *rest = decoded_path(path, count);
  PyObject *whole = rest ? PyUnicode_Concat(root, rest) : NULL;
  Py_XDECREF(rest);
  if (put(scope, asgi_names.path, whole)) return -1;
  PyObject *prefix = PyUnicode_AsUTF8String(root);
  PyObject *raw = prefix ? PyBytes_FromStringAndSize(NULL, PyBytes_Size(prefix) + (Py_ssize_t)count) : NULL;
  if (raw) {
    memcpy(PyBytes_AsString(raw), PyBytes_AsString(prefix), (size_t)PyBytes_Size(prefix));
    memcpy(PyBytes_AsString(raw) + PyBytes_Size(prefix), path, count);
  }
  Py_XDECREF(prefix);
  return put(scope, asgi_names.raw_path, raw);
}

// What is set counts; else what a proxy says that it has taken off the path.
static PyObject *root_path(asgi_exchange *exchange, bool is_forwarded) {
  char text[1024];
  if (PyUnicode_GetLength(asgi_application.root_path)) is_forwarded = false;
  size_t count = is_forwarded ? greenpython_get_text(exchange->native, GREENPYTHON_ROOT_PATH, text, sizeof text) : 0;
  if (count && count < sizeof text) return PyUnicode_DecodeUTF8(text, (Py_ssize_t)count, "replace");
  Py_INCREF(asgi_application.root_path);
  return asgi_application.root_path;
}

static int put_target(PyObject *scope, asgi_exchange *exchange, const greenpython_head *head, bool is_forwarded) {
  const char *path = head->path_length ? head->base + head->path : "/";
  size_t count = head->path_length ? head->path_length : 1;
  PyObject *root = root_path(exchange, is_forwarded);
  if (!root) return -1;
  int outcome;
  if (PyUnicode_GetLength(root)) {
    outcome = put_mounted_path(scope, root, path, count);
  } else {
    outcome = put(scope, asgi_names.path, decoded_path(path, count)) ||
              put(scope, asgi_names.raw_path, PyBytes_FromStringAndSize(path, (Py_ssize_t)count));
  }
  if (!outcome) outcome = PyDict_SetItem(scope, asgi_names.root_path, root);
  Py_DECREF(root);
  if (outcome) return -1;
  const char *query = head->query_length > 0 ? head->base + head->query : "";
  return put(
      scope, asgi_names.query_string,
      PyBytes_FromStringAndSize(query, head->query_length > 0 ? head->query_length : 0));
}

// ---- Fields --------------------------------------------------------------------------------------------------------------

static PyObject *lowered(const char *name, size_t count) {
  PyObject *bytes = PyBytes_FromStringAndSize(name, (Py_ssize_t)count);
  if (!bytes) return NULL;
  char *own = PyBytes_AsString(bytes);
  for (size_t index = 0; index < count; index++) {
    if (own[index] >= 'A' && own[index] <= 'Z') own[index] |= 0x20;
  }
  return bytes;
}

static PyObject *pair(const char *base, const greenpython_range *field) {
  PyObject *name = lowered(base + field->name, field->name_length);
  PyObject *value = name ? PyBytes_FromStringAndSize(base + field->value, field->value_length) : NULL;
  PyObject *both = value ? PyTuple_Pack(2, name, value) : NULL;
  Py_XDECREF(name);
  Py_XDECREF(value);
  return both;
}

static bool is_host(const char *base, const greenpython_range *field) {
  return field->name_length == 4 && !strncasecmp(base + field->name, "host", 4);
}

// With the host of a target in absolute form in the place of what the field says: RFC 9112, 3.2.2.
static PyObject *headers_of_absolute(const greenpython_head *head) {
  PyObject *list = PyList_New(0);
  PyObject *host = list ? Py_BuildValue(
      "(yy#)", "host", head->base + head->authority, (Py_ssize_t)head->authority_length) : NULL;
  if (!host || PyList_Append(list, host)) Py_CLEAR(list);
  Py_XDECREF(host);
  for (size_t index = 0; list && index < head->field_count; index++) {
    if (is_host(head->base, &head->fields[index])) continue;
    PyObject *both = pair(head->base, &head->fields[index]);
    if (!both || PyList_Append(list, both)) Py_CLEAR(list);
    Py_XDECREF(both);
  }
  return list;
}

static PyObject *headers(const greenpython_head *head) {
  if (head->authority_length >= 0) return headers_of_absolute(head);
  PyObject *list = PyList_New((Py_ssize_t)head->field_count);
  for (size_t index = 0; list && index < head->field_count; index++) {
    PyObject *both = pair(head->base, &head->fields[index]);
    if (!both || PyList_SetItem(list, (Py_ssize_t)index, both)) Py_CLEAR(list);
  }
  return list;
}

// The protocols that a client offers for its WebSocket, over all fields of that name.
static PyObject *subprotocols(const greenpython_head *head) {
  static const char name[] = "sec-websocket-protocol";
  PyObject *list = PyList_New(0);
  for (size_t index = 0; list && index < head->field_count; index++) {
    const greenpython_range *field = &head->fields[index];
    if (field->name_length != sizeof name - 1 || strncasecmp(head->base + field->name, name, sizeof name - 1)) continue;
    const char *at = head->base + field->value, *end = at + field->value_length;
    while (list && at < end) {
      const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end, *last = stop;
      while (at < last && (*at == ' ' || *at == '\t')) at++;
      while (last > at && (last[-1] == ' ' || last[-1] == '\t')) last--;
      PyObject *word = latin1(at, (size_t)(last - at));
      if (!word || (last > at && PyList_Append(list, word))) Py_CLEAR(list);
      Py_XDECREF(word);
      at = stop + 1;
    }
  }
  return list;
}

// Whether a proxy may have said something: whether that counts, the server knows, and is asked only then.
static bool is_forwarded(const greenpython_head *head) {
  for (size_t index = 0; index < head->field_count; index++) {
    const greenpython_range *field = &head->fields[index];
    const char *name = head->base + field->name;
    if (field->name_length == 9 && !strncasecmp(name, "forwarded", 9)) return true;
    if (field->name_length > 12 && !strncasecmp(name, "x-forwarded-", 12)) return true;
  }
  return false;
}

// ---- The whole -----------------------------------------------------------------------------------------------------------

static PyObject *version(int version) { return PyUnicode_FromString(version == 20 ? "2" : version == 10 ? "1.0" : "1.1"); }

static PyObject *scheme(asgi_exchange *exchange) {
  char text[16];
  greenpython_get_text(exchange->native, GREENPYTHON_SCHEME, text, sizeof text);
  bool is_secure = !strcmp(text, "https");
  if (exchange->is_websocket) return PyUnicode_FromString(is_secure ? "wss" : "ws");
  return PyUnicode_FromString(is_secure ? "https" : "http");
}

static int put_state(PyObject *scope) {
  if (!asgi_application.state) return 0;
  return put(scope, asgi_names.state, PyDict_Copy(asgi_application.state));
}

static int fill(PyObject *scope, asgi_exchange *exchange) {
  greenpython_head head;
  greenpython_get_head(exchange->native, &head);
  gf_running_note(&exchange->running, &head);
  bool is_proxied = is_forwarded(&head);
  if (put(scope, asgi_names.http_version, version(head.version)) || put(scope, asgi_names.scheme, scheme(exchange)) ||
      put_target(scope, exchange, &head, is_proxied) || put(scope, asgi_names.headers, headers(&head)) ||
      put(scope, asgi_names.client, asgi_client(exchange, is_proxied)) || put(scope, asgi_names.server, asgi_server(exchange)) ||
      put_state(scope))
    return -1;
  if (exchange->is_websocket) return put(scope, asgi_names.subprotocols, subprotocols(&head));
  return put(scope, asgi_names.method, latin1(head.base + head.method, head.method_length));
}

PyObject *asgi_scope(asgi_exchange *exchange) {
  PyObject *scope = PyDict_Copy(exchange->is_websocket ? asgi_application.websocket : asgi_application.http);
  if (scope && fill(scope, exchange)) Py_CLEAR(scope);
  return scope;
}
