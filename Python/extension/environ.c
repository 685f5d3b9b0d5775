#include "extension.h"

#include <stdlib.h>
#include <string.h>

enum {
  REQUEST_METHOD, PATH_INFO, QUERY_STRING, RAW_URI, REQUEST_URI, SERVER_PROTOCOL, REMOTE_ADDR, REMOTE_PORT, SERVER_NAME,
  SERVER_PORT, SCRIPT_NAME, URL_SCHEME, INPUT, COOKIE, HOST, KEYS
};
static const char *const key_names[KEYS] = {
    "REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "RAW_URI", "REQUEST_URI", "SERVER_PROTOCOL", "REMOTE_ADDR",
    "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "wsgi.url_scheme", "wsgi.input",
    "HTTP_COOKIE", "HTTP_HOST"};
static PyObject *keys[KEYS], *base, *protocols[3], *http, *https;
static PyObject *root;          // the path that the application is mounted at, as bytes
static int base_has_server;     // where it listens at one address, which is known

int gf_environ_prepare(PyObject *given) {
  for (int i = 0; i < KEYS; i++)
    if (!keys[i] && !(keys[i] = PyUnicode_InternFromString(key_names[i]))) return -1;
  if (!(protocols[0] = PyUnicode_InternFromString("HTTP/1.0"))) return -1;
  if (!(protocols[1] = PyUnicode_InternFromString("HTTP/1.1"))) return -1;
  if (!(protocols[2] = PyUnicode_InternFromString("HTTP/2.0"))) return -1;
  http = PyUnicode_InternFromString("http");
  https = PyUnicode_InternFromString("https");
  if (!http || !https) return -1;
  Py_INCREF(given);
  Py_XDECREF(base);
  base = given;
  PyObject *script = PyDict_GetItemWithError(base, keys[SCRIPT_NAME]);
  if (!script && PyErr_Occurred()) return -1;
  Py_XDECREF(root);
  root = script ? PyUnicode_AsLatin1String(script) : PyBytes_FromString("");
  if (!root) return -1;
  base_has_server = PyDict_Contains(base, keys[SERVER_NAME]) == 1;
  return 0;
}

// Takes over the value.
static int put(PyObject *environ, PyObject *key, PyObject *value) {
  if (!value) return -1;
  int result = PyDict_SetItem(environ, key, value);
  Py_DECREF(value);
  return result;
}

static PyObject *latin1(const char *bytes, size_t count) { return PyUnicode_DecodeLatin1(bytes, (Py_ssize_t)count, NULL); }

PyObject *gf_text(const greenpython_exchange *exchange, int which) {
  char text[256];
  size_t length = greenpython_get_text(exchange, which, text, sizeof text);
  if (length < sizeof text) return PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace");
  char *longer = malloc(length + 1);
  if (!longer) return PyErr_NoMemory();
  greenpython_get_text(exchange, which, longer, length + 1);
  PyObject *result = PyUnicode_DecodeUTF8(longer, (Py_ssize_t)length, "replace");
  free(longer);
  return result;
}

PyObject *gf_split_address(PyObject *address, PyObject **port) {
  Py_ssize_t length = PyUnicode_GetLength(address);
  Py_ssize_t colon = PyUnicode_FindChar(address, ':', 0, length, -1);
  if (colon < -1) return NULL;
  Py_ssize_t start = length > 0 && PyUnicode_ReadChar(address, 0) == '[';
  PyObject *host = PyUnicode_Substring(address, start, colon < 0 ? length : colon - start);
  *port = colon < 0 ? PyUnicode_FromString("") : PyUnicode_Substring(address, colon + 1, length);
  if (!host || !*port) {
    Py_XDECREF(host);
    Py_XDECREF(*port);
    return NULL;
  }
  return host;
}

static int digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  byte |= 0x20;
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

// What is not an escape stays as it is.
static size_t decode_path(const char *from, size_t count, char *into) {
  size_t length = 0;
  for (size_t i = 0; i < count; i++) {
    int high = from[i] == '%' && i + 2 < count ? digit(from[i + 1]) : -1;
    int low = high < 0 ? -1 : digit(from[i + 2]);
    into[length++] = low < 0 ? from[i] : (char)(high << 4 | low);
    if (low >= 0) i += 2;
  }
  return length;
}

// What the application is mounted at is taken off the path where that begins with it.
static int put_path(PyObject *environ, const greenpython_head *head, const char *mount, size_t mounted) {
  char room[2048], *path = room;
  if (head->path_length == 0) return put(environ, keys[PATH_INFO], latin1("/", 1));
  if (head->path_length > sizeof room && !(path = malloc(head->path_length))) return PyErr_NoMemory(), -1;
  size_t length = decode_path(head->base + head->path, head->path_length, path), skip = 0;
  if (mounted && mounted <= length && memcmp(path, mount, mounted) == 0 && (mounted == length || path[mounted] == '/'))
    skip = mounted;
  int result = put(environ, keys[PATH_INFO], latin1(path + skip, length - skip));
  if (path != room) free(path);
  return result;
}

// What a proxy says that it has taken off the path is not in it any more: a path that begins with the same is another, which the
// proxy has let through as that.
static int put_paths(PyObject *environ, const greenpython_exchange *exchange, const greenpython_head *head) {
  size_t mounted = (size_t)PyBytes_Size(root);
  if (mounted) return put_path(environ, head, PyBytes_AsString(root), mounted);
  char prefix[512];
  size_t length = greenpython_get_text(exchange, GREENPYTHON_ROOT_PATH, prefix, sizeof prefix);
  if (length && length < sizeof prefix && put(environ, keys[SCRIPT_NAME], latin1(prefix, length))) return -1;
  return put_path(environ, head, "", 0);
}

static int put_line(PyObject *environ, const greenpython_head *head) {
  const char *base_of = head->base;
  if (put(environ, keys[REQUEST_METHOD], latin1(base_of + head->method, head->method_length))) return -1;
  size_t query = head->query_length < 0 ? 0 : (size_t)head->query_length;
  if (put(environ, keys[QUERY_STRING], latin1(base_of + head->query, query))) return -1;
  PyObject *target = latin1(base_of + head->target, head->target_length);
  if (!target || PyDict_SetItem(environ, keys[RAW_URI], target)) {
    Py_XDECREF(target);
    return -1;
  }
  if (put(environ, keys[REQUEST_URI], target)) return -1;
  return PyDict_SetItem(environ, keys[SERVER_PROTOCOL], protocols[head->version == 10 ? 0 : head->version == 11 ? 1 : 2]);
}

static int put_addresses(PyObject *environ, const greenpython_exchange *exchange) {
  PyObject *peer = gf_text(exchange, GREENPYTHON_PEER), *port = NULL;
  PyObject *host = peer ? gf_split_address(peer, &port) : NULL;
  Py_XDECREF(peer);
  if (!host) return -1;
  if (put(environ, keys[REMOTE_ADDR], host) || put(environ, keys[REMOTE_PORT], port)) return -1;
  char scheme[8];
  greenpython_get_text(exchange, GREENPYTHON_SCHEME, scheme, sizeof scheme);
  if (PyDict_SetItem(environ, keys[URL_SCHEME], scheme[4] ? https : http)) return -1;
  if (base_has_server) return 0;
  PyObject *local = gf_text(exchange, GREENPYTHON_LOCAL);
  host = local ? gf_split_address(local, &port) : NULL;
  Py_XDECREF(local);
  if (!host) return -1;
  return put(environ, keys[SERVER_NAME], host) || put(environ, keys[SERVER_PORT], port) ? -1 : 0;
}

// Several fields of one name are one, as if they had come so: RFC 9110, 5.3.
static PyObject *joined(PyObject *key, PyObject *before, PyObject *value) {
  int is_cookie = PyUnicode_Compare(key, keys[COOKIE]) == 0;
  PyObject *result = PyUnicode_FromFormat(is_cookie ? "%U; %U" : "%U,%U", before, value);
  Py_DECREF(value);
  return result;
}

static int put_fields(PyObject *environ, const greenpython_head *head) {
  for (size_t i = 0; i < head->field_count; i++) {
    greenpython_range field = head->fields[i];
    PyObject *key = gf_environ_name(head->base + field.name, field.name_length);
    if (!key) return -1;
    if (key == Py_None) continue;
    PyObject *value = latin1(head->base + field.value, field.value_length);
    PyObject *before = value ? PyDict_GetItemWithError(environ, key) : NULL;
    if (before) value = joined(key, before, value);
    if (put(environ, key, value)) return -1;
  }
  // What a target in absolute form names counts, whatever the field says: RFC 9112, 3.2.2.
  if (head->authority_length < 0) return 0;
  return put(environ, keys[HOST], latin1(head->base + head->authority, (size_t)head->authority_length));
}

PyObject *gf_environ_make(greenpython_exchange *exchange, PyObject *input, gf_running *running) {
  PyObject *environ = PyDict_Copy(base);
  if (!environ) return NULL;
  greenpython_head head;
  greenpython_get_head(exchange, &head);
  gf_running_note(running, &head);
  if (put_line(environ, &head) || put_paths(environ, exchange, &head) || put_addresses(environ, exchange) ||
      PyDict_SetItem(environ, keys[INPUT], input) || put_fields(environ, &head)) {
    Py_DECREF(environ);
    return NULL;
  }
  return environ;
}
