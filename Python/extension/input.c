#include "extension.h"

#include <errno.h>
#include <string.h>

// wsgi.input: the body of a request, read when it is asked for.

#define PIECE 65536

typedef struct input {
  PyObject_HEAD
  greenpython_exchange *exchange;  // NULL once the request has ended
  PyObject *rest;                  // bytes that were read and not given; NULL for none
  Py_ssize_t offset;               // how many of them were given
  int has_ended;
} input;

static PyTypeObject *type;

// The next bytes, at most `most`; empty at the end. A new reference.
static PyObject *take_piece(input *self, Py_ssize_t most) {
  if (self->rest) {
    Py_ssize_t left = PyBytes_Size(self->rest) - self->offset, count = left < most ? left : most;
    PyObject *piece = PyBytes_FromStringAndSize(PyBytes_AsString(self->rest) + self->offset, count);
    if (!piece) return NULL;
    self->offset += count;
    if (count == left) Py_CLEAR(self->rest);
    return piece;
  }
  if (self->has_ended || !self->exchange || most == 0) return PyBytes_FromStringAndSize(NULL, 0);
  char *room = PyMem_Malloc(PIECE);
  if (!room) return PyErr_NoMemory();
  ssize_t count;
  int number;
  greenpython_exchange *exchange = self->exchange;
  Py_BEGIN_ALLOW_THREADS
  count = greenpython_read_body(exchange, room, most < PIECE ? (size_t)most : PIECE);
  number = errno;
  Py_END_ALLOW_THREADS
  PyObject *piece = count < 0 ? gf_set_errno(number) : PyBytes_FromStringAndSize(room, count);
  PyMem_Free(room);
  if (count == 0) self->has_ended = 1;
  return piece;
}

// Joins the pieces, and lets go of the list.
static PyObject *join(PyObject *pieces) {
  PyObject *empty = PyBytes_FromStringAndSize(NULL, 0), *result = NULL;
  if (PyList_Size(pieces) == 1) {
    result = PyList_GetItem(pieces, 0);
    Py_INCREF(result);
  } else if (empty) {
    result = PyObject_CallMethod(empty, "join", "O", pieces);
  }
  Py_XDECREF(empty);
  Py_DECREF(pieces);
  return result;
}

// A size as readers give it: None and negative numbers are all there is.
static int read_size(PyObject *args, Py_ssize_t *size) {
  PyObject *given = Py_None;
  if (!PyArg_ParseTuple(args, "|O", &given)) return -1;
  *size = given == Py_None ? -1 : PyNumber_AsSsize_t(given, PyExc_OverflowError);
  if (*size == -1 && PyErr_Occurred()) return -1;
  if (*size < 0) *size = PY_SSIZE_T_MAX;
  return 0;
}

static PyObject *input_read(PyObject *object, PyObject *args) {
  Py_ssize_t left;
  if (read_size(args, &left)) return NULL;
  PyObject *pieces = PyList_New(0);
  while (pieces && left > 0) {
    PyObject *piece = take_piece((input *)object, left);
    Py_ssize_t count = piece ? PyBytes_Size(piece) : -1;
    if (count < 0 || PyList_Append(pieces, piece)) {
      Py_XDECREF(piece);
      Py_DECREF(pieces);
      return NULL;
    }
    Py_DECREF(piece);
    if (count == 0) break;
    left -= count;
  }
  return pieces ? join(pieces) : NULL;
}

// Gives back what of a piece lies after its first `used` bytes.
static int put_back(input *self, PyObject *piece, Py_ssize_t used) {
  if (self->rest) {
    // It was taken from there.
    self->offset -= PyBytes_Size(piece) - used;
    return 0;
  }
  Py_ssize_t size = PyBytes_Size(piece);
  if (used == size) return 0;
  self->rest = PyBytes_FromStringAndSize(PyBytes_AsString(piece) + used, size - used);
  self->offset = 0;
  return self->rest ? 0 : -1;
}

static PyObject *read_line(input *self, Py_ssize_t most) {
  PyObject *pieces = PyList_New(0);
  int is_done = most <= 0;
  while (pieces && !is_done) {
    PyObject *piece = take_piece(self, PIECE);
    if (!piece) goto failed;
    Py_ssize_t size = PyBytes_Size(piece), wanted = size < most ? size : most;
    const char *start = PyBytes_AsString(piece), *end = memchr(start, '\n', (size_t)wanted);
    if (end) wanted = end - start + 1;
    most -= wanted;
    is_done = size == 0 || end || most == 0;
    PyObject *part = wanted == size ? piece : PyBytes_FromStringAndSize(start, wanted);
    int error = !part || put_back(self, piece, wanted) || PyList_Append(pieces, part);
    if (part != piece) Py_XDECREF(part);
    Py_DECREF(piece);
    if (error) goto failed;
  }
  return pieces ? join(pieces) : NULL;
failed:
  Py_DECREF(pieces);
  return NULL;
}

static PyObject *input_readline(PyObject *object, PyObject *args) {
  Py_ssize_t most;
  if (read_size(args, &most)) return NULL;
  return read_line((input *)object, most);
}

static PyObject *input_readlines(PyObject *object, PyObject *args) {
  Py_ssize_t hint, size = 0;
  if (read_size(args, &hint)) return NULL;
  PyObject *lines = PyList_New(0);
  while (lines && size < (hint ? hint : PY_SSIZE_T_MAX)) {
    PyObject *line = read_line((input *)object, PY_SSIZE_T_MAX);
    Py_ssize_t count = line ? PyBytes_Size(line) : -1;
    if (count < 0 || (count > 0 && PyList_Append(lines, line))) {
      Py_XDECREF(line);
      Py_DECREF(lines);
      return NULL;
    }
    Py_DECREF(line);
    if (count == 0) break;
    size += count;
  }
  return lines;
}

static PyObject *input_next(PyObject *object) {
  PyObject *line = read_line((input *)object, PY_SSIZE_T_MAX);
  if (line && PyBytes_Size(line) == 0) Py_CLEAR(line);
  return line;
}

static PyObject *input_iter(PyObject *object) {
  Py_INCREF(object);
  return object;
}

static PyObject *input_close(PyObject *object, PyObject *unused) {
  (void)object;
  (void)unused;
  Py_RETURN_NONE;
}

static void input_free(PyObject *object) {
  PyTypeObject *own = Py_TYPE(object);
  Py_XDECREF(((input *)object)->rest);
  PyObject_Free(object);
  Py_DECREF(own);
}

static PyMethodDef methods[] = {
    {"read", input_read, METH_VARARGS, "read(size=-1): so many bytes of the body, fewer at its end."},
    {"readline", input_readline, METH_VARARGS, "readline(size=-1): a line, with its end."},
    {"readlines", input_readlines, METH_VARARGS, "readlines(hint=-1): the lines."},
    {"close", input_close, METH_NOARGS, "Does nothing: the server ends the body."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot slots[] = {
    {Py_tp_methods, methods}, {Py_tp_iter, input_iter}, {Py_tp_iternext, input_next}, {Py_tp_dealloc, input_free}, {0, NULL}};
static PyType_Spec spec = {"greenfinch.Input", sizeof(input), 0, Py_TPFLAGS_DEFAULT, slots};

int gf_input_prepare(void) {
  if (!type) type = (PyTypeObject *)PyType_FromSpec(&spec);
  return type ? 0 : -1;
}

PyObject *gf_input_make(greenpython_exchange *exchange) {
  input *self = PyObject_New(input, type);
  if (!self) return NULL;
  self->exchange = exchange;
  self->rest = NULL;
  self->offset = 0;
  self->has_ended = 0;
  return (PyObject *)self;
}

void gf_input_end(PyObject *object) { ((input *)object)->exchange = NULL; }
