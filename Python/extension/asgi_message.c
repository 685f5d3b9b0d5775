#include "asgi.h"

#include <string.h>
#include <strings.h>

// Messages, and what they are made of.

PyObject *asgi_message(PyObject *type, PyObject *key, PyObject *value, PyObject *key2, PyObject *value2) {
  PyObject *message = PyDict_New();
  if (!message) return NULL;
  if (PyDict_SetItem(message, asgi_names.type, type) || (value && PyDict_SetItem(message, key, value)) ||
      (value2 && PyDict_SetItem(message, key2, value2))) {
    Py_DECREF(message);
    return NULL;
  }
  return message;
}

PyObject *asgi_get(PyObject *message, PyObject *key) {
  PyObject *value = PyDict_GetItemWithError(message, key);
  return value == Py_None ? NULL : value;
}

PyObject *asgi_bytes(PyObject *value, const char *what) {
  if (PyBytes_Check(value)) {
    Py_INCREF(value);
    return value;
  }
  if (PyUnicode_Check(value) || PyLong_Check(value)) {
    PyErr_Format(PyExc_TypeError, "%s must be bytes", what);
    return NULL;
  }
  // What has a buffer: bytearray, memoryview.
  return PyBytes_FromObject(value);
}

// ---- Fields ------------------------------------------------------------------------------------------------------------

static PyObject *pair_item(PyObject *pair, Py_ssize_t index) {
  if (PyTuple_Check(pair)) return PyTuple_Size(pair) == 2 ? PyTuple_GetItem(pair, index) : NULL;
  if (PyList_Check(pair)) return PyList_Size(pair) == 2 ? PyList_GetItem(pair, index) : NULL;
  return NULL;
}

// Checks a pair, and finds its bytes, which live as long as the pair's.
static int read_pair(PyObject *pair, greenpython_field *field) {
  PyObject *name = pair_item(pair, 0), *value = name ? pair_item(pair, 1) : NULL;
  if (!value || !PyBytes_Check(name) || !PyBytes_Check(value)) {
    PyErr_Clear();
    PyErr_SetString(PyExc_TypeError, "headers must be pairs of bytes");
    return -1;
  }
  char *bytes;
  Py_ssize_t count;
  if (PyBytes_AsStringAndSize(name, &bytes, &count)) return -1;
  field->name = bytes;
  field->name_length = (size_t)count;
  if (PyBytes_AsStringAndSize(value, &bytes, &count)) return -1;
  field->value = bytes;
  field->value_length = (size_t)count;
  // A field of its own must not be put in by what came from somewhere else.
  if (memchr(bytes, '\n', (size_t)count) || memchr(bytes, '\r', (size_t)count) || memchr(bytes, 0, (size_t)count)) {
    PyErr_SetString(PyExc_ValueError, "a header's value has a line end or a NUL");
    return -1;
  }
  return 0;
}

// A list of what an iterable gives: itself, where it is one.
static PyObject *listed(PyObject *pairs) {
  if (PyList_Check(pairs)) {
    Py_INCREF(pairs);
    return pairs;
  }
  return PySequence_List(pairs);
}

// Reads all pairs of a list, and adds up their bytes. `fields` has room for all.
static int read_pairs(PyObject *list, greenpython_field *fields, size_t *bytes) {
  Py_ssize_t count = PyList_Size(list);
  for (Py_ssize_t index = 0; index < count; index++) {
    if (read_pair(PyList_GetItem(list, index), &fields[index])) return -1;
    *bytes += fields[index].name_length + fields[index].value_length;
  }
  return 0;
}

static void copy_into(char **room, const char **bytes, size_t count) {
  memcpy(*room, *bytes, count);
  *bytes = *room;
  *room += count;
}

static void copy_fields(greenpython_field *fields, size_t count, char *room) {
  for (size_t index = 0; index < count; index++) {
    copy_into(&room, &fields[index].name, fields[index].name_length);
    copy_into(&room, &fields[index].value, fields[index].value_length);
  }
}

// A block that begins with `before` bytes, in which the fields of an iterable follow, and then their bytes.
static void *block_of(PyObject *pairs, size_t before, size_t *count) {
  PyObject *list = listed(pairs);
  if (!list) return NULL;
  *count = (size_t)PyList_Size(list);
  size_t head = before + *count * sizeof(greenpython_field), bytes = 0;
  char *block = PyMem_Malloc(head + 1);
  if (!block) {
    PyErr_NoMemory();
  } else if (read_pairs(list, (greenpython_field *)(block + before), &bytes)) {
    PyMem_Free(block);
    block = NULL;
  } else {
    char *larger = PyMem_Realloc(block, head + bytes + 1);
    if (!larger) {
      PyMem_Free(block);
      PyErr_NoMemory();
    } else {
      copy_fields((greenpython_field *)(larger + before), *count, larger + head);
    }
    block = larger;
  }
  Py_DECREF(list);
  return block;
}

greenpython_field *asgi_fields_of(PyObject *pairs, size_t *count) { return block_of(pairs, 0, count); }

// ---- Heads -------------------------------------------------------------------------------------------------------------

static bool is_named(const greenpython_field *field, const char *name) {
  return field->name_length == strlen(name) && !strncasecmp(field->name, name, field->name_length);
}

// The length that the application states; -1 for what is not a number.
static int64_t stated_length(const greenpython_field *field) {
  int64_t length = 0;
  if (!field->value_length) return -1;
  for (size_t index = 0; index < field->value_length; index++) {
    char digit = field->value[index];
    if (digit < '0' || digit > '9' || length > INT64_MAX / 10 - 1) return -1;
    length = length * 10 + (digit - '0');
  }
  return length;
}

// Takes out what the server says itself, and notes it.
static void settle(asgi_head *head, size_t count) {
  size_t kept = 0;
  for (size_t index = 0; index < count; index++) {
    const greenpython_field *field = &head->fields[index];
    if (is_named(field, "content-length")) {
      head->answer.length = stated_length(field);
      continue;
    }
    if (is_named(field, "transfer-encoding")) continue;
    if (is_named(field, "trailer")) {
      head->trailer = field->value;
      head->trailer_length = field->value_length;
    }
    head->fields[kept++] = *field;
  }
  head->answer.field_count = kept;
}

asgi_head *asgi_head_of(PyObject *message) {
  PyObject *status = asgi_get(message, asgi_names.status);
  if (!status) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_KeyError, "status");
    return NULL;
  }
  long code = PyLong_AsLong(status);
  if (code == -1 && PyErr_Occurred()) return NULL;
  if (code < 200 || code > 999) {
    PyErr_Format(PyExc_ValueError, "%ld is not a final answer's status", code);
    return NULL;
  }
  PyObject *pairs = asgi_get(message, asgi_names.headers);
  if (!pairs && PyErr_Occurred()) return NULL;
  size_t count = 0;
  asgi_head *head = pairs ? block_of(pairs, sizeof(asgi_head), &count) : PyMem_Malloc(sizeof(asgi_head));
  if (!head) return pairs ? NULL : (asgi_head *)PyErr_NoMemory();
  head->answer = (greenpython_answer){.status = (int)code, .reason = "", .fields = head->fields, .length = -1};
  head->trailer = NULL;
  head->trailer_length = 0;
  PyObject *trailers = asgi_get(message, asgi_names.trailers);
  head->has_trailers = trailers && PyObject_IsTrue(trailers) == 1;
  settle(head, count);
  return head;
}
