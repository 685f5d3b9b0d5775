#include "extension.h"

#include <stdlib.h>
#include <string.h>

// Fields of answers, from Python to C.

void gf_fields_free(gf_fields *fields) {
  free(fields->fields);
  Py_XDECREF(fields->owner);
  *fields = (gf_fields){NULL, 0, NULL};
}

// RFC 9110, 7.6.1: those are about the connection, which is the server's.
static int is_of_connection(const char *name, size_t length) {
  static const char *const names[] = {
      "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers", "transfer-encoding",
      "upgrade"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strlen(names[i]) == length && strncasecmp(name, names[i], length) == 0) return 1;
  return 0;
}

// RFC 9110, 5.6.2.
static int is_token(const char *name, size_t length) {
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)name[i];
    if (byte <= 32 || byte >= 127 || strchr("\"(),/:;<=>?@[\\]{}", byte)) return 0;
  }
  return length > 0;
}

static int64_t parse_length(const char *text, size_t count) {
  int64_t value = 0;
  if (count == 0 || count > 18) return -1;
  for (size_t i = 0; i < count; i++) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + text[i] - '0';
  }
  return value;
}

// Both are bytes that the list holds.
static int add(gf_fields *into, PyObject *name, PyObject *value, int64_t *content_length) {
  greenpython_field field = {
      PyBytes_AsString(name), (size_t)PyBytes_Size(name), PyBytes_AsString(value), (size_t)PyBytes_Size(value)};
  if (!is_token(field.name, field.name_length)) {
    PyErr_Format(PyExc_ValueError, "%R cannot be the name of a field", name);
    return -1;
  }
  for (const char *bad = "\r\n"; ; bad++) {
    if (!memchr(field.value, *bad, field.value_length)) {
      if (*bad) continue;
      break;
    }
    PyErr_Format(PyExc_ValueError, "the value of the field %R has the end of a line or a 0 in it", name);
    return -1;
  }
  if (is_of_connection(field.name, field.name_length)) return 0;
  if (field.name_length == 14 && strncasecmp(field.name, "content-length", 14) == 0) {
    if ((*content_length = parse_length(field.value, field.value_length)) >= 0) return 0;
    PyErr_Format(PyExc_ValueError, "Content-Length: %R is not a length", value);
    return -1;
  }
  into->fields[into->count++] = field;
  return 0;
}

static int prepare(gf_fields *into, Py_ssize_t most) {
  *into = (gf_fields){malloc(((size_t)most + 1) * sizeof *into->fields), 0, PyList_New(0)};
  if (into->fields && into->owner) return 0;
  if (!into->fields) PyErr_NoMemory();
  gf_fields_free(into);
  return -1;
}

// What PEP 3333 has as a str is bytes as Latin-1.
static PyObject *bytes_of(PyObject *text) {
  if (PyUnicode_Check(text)) return PyUnicode_AsLatin1String(text);
  if (PyBytes_Check(text)) {
    Py_INCREF(text);
    return text;
  }
  PyErr_Format(PyExc_TypeError, "names and values of fields are str, not %R", text);
  return NULL;
}

static int add_item(gf_fields *into, PyObject *name, PyObject *value, int64_t *content_length) {
  PyObject *bytes[2] = {bytes_of(name), NULL};
  int result = -1;
  if (bytes[0] && (bytes[1] = bytes_of(value)) && PyList_Append(into->owner, bytes[0]) == 0 &&
      PyList_Append(into->owner, bytes[1]) == 0)
    result = add(into, bytes[0], bytes[1], content_length);
  Py_XDECREF(bytes[0]);
  Py_XDECREF(bytes[1]);
  return result;
}

static int add_pair(gf_fields *into, PyObject *pair, int64_t *content_length) {
  if (PyTuple_Check(pair) && PyTuple_Size(pair) == 2)
    return add_item(into, PyTuple_GetItem(pair, 0), PyTuple_GetItem(pair, 1), content_length);
  if (!PySequence_Check(pair) || PySequence_Size(pair) != 2) {
    PyErr_Clear();
    PyErr_Format(PyExc_TypeError, "a field is a tuple of a name and a value, not %R", pair);
    return -1;
  }
  PyObject *name = PySequence_GetItem(pair, 0), *value = PySequence_GetItem(pair, 1);
  int result = name && value ? add_item(into, name, value, content_length) : -1;
  Py_XDECREF(name);
  Py_XDECREF(value);
  return result;
}

int gf_fields_of_bytes(PyObject *pairs, gf_fields *into, int64_t *content_length) {
  PyObject *list = PySequence_List(pairs);
  if (!list || prepare(into, PyList_Size(list))) {
    Py_XDECREF(list);
    return -1;
  }
  for (Py_ssize_t i = 0; i < PyList_Size(list); i++) {
    if (add_pair(into, PyList_GetItem(list, i), content_length) == 0) continue;
    gf_fields_free(into);
    Py_DECREF(list);
    return -1;
  }
  Py_DECREF(list);
  return 0;
}
