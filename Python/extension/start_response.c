#include "extension.h"

#include <string.h>

// start_response, and write, which it returns: PEP 3333, "The start_response() Callable".

static PyTypeObject *type;
static PyObject *write_name;

// ---- start_response ----------------------------------------------------------------------------------------------

// The status as bytes, where it is one. A new reference.
static PyObject *read_status(PyObject *status) {
  PyObject *bytes = PyUnicode_AsLatin1String(status);
  if (!bytes) return NULL;
  const char *text = PyBytes_AsString(bytes);
  Py_ssize_t length = PyBytes_Size(bytes);
  int is_right = length >= 3 && text[0] >= '1' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9' && text[2] >= '0' &&
                 text[2] <= '9' && (length == 3 || text[3] == ' ') && length < 512;
  for (Py_ssize_t i = 0; i < length; i++) is_right &= (unsigned char)text[i] >= 32 && text[i] != 127;
  if (is_right) return bytes;
  Py_DECREF(bytes);
  return PyErr_Format(PyExc_ValueError, "%R is not a status such as '200 OK'", status);
}

// Raises what the application is about, once it is too late for another answer.
static PyObject *raise_again(PyObject *info) {
  PyObject *type_of, *value, *trace;
  if (!PyArg_ParseTuple(info, "OOO", &type_of, &value, &trace)) return NULL;
  Py_INCREF(type_of);
  Py_INCREF(value);
  if (trace == Py_None) trace = NULL;
  Py_XINCREF(trace);
  PyErr_Restore(type_of, value, trace);
  return NULL;
}

static Py_ssize_t count_of(PyObject *headers) { return PyList_Check(headers) ? PyList_Size(headers) : -1; }

// Until the head goes out the application may add to its list.
static int renew_fields(gf_call *self) {
  if (self->header_count == count_of(self->headers)) return 0;
  gf_fields fields;
  self->length = -1;
  if (gf_fields_of_bytes(self->headers, &fields, &self->length)) return -1;
  gf_fields_free(&self->fields);
  self->fields = fields;
  return 0;
}

static PyObject *call_start(PyObject *object, PyObject *args, PyObject *names) {
  static char *known[] = {"status", "response_headers", "exc_info", NULL};
  gf_call *self = (gf_call *)object;
  PyObject *status, *headers, *info = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, names, "UO|O", known, &status, &headers, &info)) return NULL;
  if (info != Py_None) {
    if (!PyTuple_Check(info)) return PyErr_Format(PyExc_TypeError, "exc_info is a tuple, not %R", info);
    if (self->has_begun) return raise_again(info);
  } else if (self->status) {
    PyErr_SetString(PyExc_AssertionError, "start_response() was called already, and this time without exc_info");
    return NULL;
  }
  PyObject *bytes = read_status(status);
  if (!bytes) return NULL;
  int64_t length = -1;
  gf_fields fields;
  if (gf_fields_of_bytes(headers, &fields, &length)) {
    Py_DECREF(bytes);
    return NULL;
  }
  Py_INCREF(headers);
  Py_XDECREF(self->status);
  Py_XDECREF(self->headers);
  gf_fields_free(&self->fields);
  self->status = bytes;
  self->headers = headers;
  self->fields = fields;
  self->header_count = count_of(headers);
  self->length = length;
  return PyObject_GetAttr(object, write_name);
}

// ---- Sending -----------------------------------------------------------------------------------------------------

static int parse_status(PyObject *bytes, greenpython_answer *answer) {
  const char *text = PyBytes_AsString(bytes);
  size_t length = (size_t)PyBytes_Size(bytes);
  answer->status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0';
  answer->reason = length > 4 ? text + 4 : "";
  answer->reason_length = length > 4 ? length - 4 : 0;
  return 0;
}

// The head, with the length that the application has given, else this one; and the whole body where that is given.
static int hand_over(gf_call *self, int64_t length, PyObject *whole) {
  if (!self->status) {
    PyErr_SetString(PyExc_AssertionError, "the application has not called start_response()");
    return -1;
  }
  if (renew_fields(self)) return -1;
  if (self->length < 0) self->length = length;
  greenpython_answer answer = {
      .fields = self->fields.fields, .field_count = self->fields.count, .length = self->length};
  parse_status(self->status, &answer);
  gf_wsgi_settle_socket(self);
  int64_t size = whole ? PyBytes_Size(whole) : 0;
  // More than was said is cut; of less the client must hear by the connection's end.
  if (whole && (self->length < 0 || size >= self->length || size == 0)) {
    size_t count = (size_t)(self->length >= 0 && size > self->length ? self->length : size);
    greenpython_answer_whole(self->exchange, &answer, PyBytes_AsString(whole), count);
    self->is_whole = 1;
    whole = NULL;
  } else {
    greenpython_begin_answer(self->exchange, &answer);
  }
  self->has_begun = 1;
  return whole ? gf_call_write(self, whole) : 0;
}

int gf_call_begin(gf_call *self, int64_t length) { return hand_over(self, length, NULL); }

int gf_call_write_whole(gf_call *self, PyObject *body) {
  return self->has_begun ? gf_call_write(self, body) : hand_over(self, PyBytes_Size(body), body);
}

static int send_piece(gf_call *self, PyObject *block) {
  const char *bytes = PyBytes_AsString(block);
  int64_t count = PyBytes_Size(block);
  if (self->length >= 0 && count > self->length - self->written) count = self->length - self->written;
  self->written += count;
  if (count <= 0 || self->is_whole) return 0;
  int number;
  greenpython_exchange *exchange = self->exchange;
  Py_BEGIN_ALLOW_THREADS
  number = greenpython_write(exchange, bytes, (size_t)count);
  Py_END_ALLOW_THREADS
  if (number == 0) return 0;
  gf_set_errno(number);
  return -1;
}

int gf_call_write(gf_call *self, PyObject *block) {
  if (!PyBytes_Check(block)) {
    PyErr_Format(PyExc_TypeError, "the body of an answer is made of bytes, not of %R", (PyObject *)Py_TYPE(block));
    return -1;
  }
  if (!self->exchange) {
    PyErr_SetString(PyExc_RuntimeError, "the request has ended");
    return -1;
  }
  // PEP 3333: the head waits for the first block that is not empty.
  if (PyBytes_Size(block) == 0) return 0;
  if (!self->has_begun) {
    // A block of the length that was said is all there is.
    if (self->length >= 0 && self->length <= PyBytes_Size(block)) return hand_over(self, -1, block);
    if (gf_call_begin(self, -1)) return -1;
  }
  return send_piece(self, block);
}

int gf_call_finish(gf_call *self) {
  if (self->has_begun) return 0;
  PyObject *nothing = PyBytes_FromStringAndSize(NULL, 0);
  int result = nothing ? hand_over(self, 0, nothing) : -1;
  Py_XDECREF(nothing);
  return result;
}

static PyObject *call_write(PyObject *object, PyObject *block) {
  if (gf_call_write((gf_call *)object, block)) return NULL;
  Py_RETURN_NONE;
}

// ---- The type ----------------------------------------------------------------------------------------------------

static void call_free(PyObject *object) {
  gf_call *self = (gf_call *)object;
  PyTypeObject *own = Py_TYPE(object);
  Py_XDECREF(self->status);
  Py_XDECREF(self->headers);
  gf_fields_free(&self->fields);
  Py_XDECREF(self->input);
  Py_XDECREF(self->context);
  Py_XDECREF(self->iterable);
  Py_XDECREF(self->iterator);
  Py_XDECREF(self->socket);
  PyObject_Free(object);
  Py_DECREF(own);
}

static PyMethodDef methods[] = {
    {"write", call_write, METH_O, "write(block): sends a block of the body."},
    {"early_hints", gf_early_hints_send, METH_O,
     "early_hints(fields): sends fields that the answer is likely to have, as 103 (Early Hints)."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot slots[] = {
    {Py_tp_call, call_start}, {Py_tp_methods, methods}, {Py_tp_dealloc, call_free}, {0, NULL}};
static PyType_Spec spec = {"greenfinch.StartResponse", sizeof(gf_call), 0, Py_TPFLAGS_DEFAULT, slots};

int gf_call_prepare(void) {
  if (!write_name && !(write_name = PyUnicode_InternFromString("write"))) return -1;
  if (!type) type = (PyTypeObject *)PyType_FromSpec(&spec);
  return type ? 0 : -1;
}

gf_call *gf_call_make(greenpython_exchange *exchange) {
  gf_call *self = PyObject_New(gf_call, type);
  if (!self) return NULL;
  memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
  self->exchange = exchange;
  self->length = -1;
  self->file = -1;
  return self;
}
