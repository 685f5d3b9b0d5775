#include "extension.h"

#include <sys/stat.h>
#include <unistd.h>

// wsgi.file_wrapper: PEP 3333, "Optional Platform-Specific File Handling".

typedef struct wrapper {
  PyObject_HEAD
  PyObject *file;
  Py_ssize_t size;
} wrapper;

static PyTypeObject *type;
static PyObject *raw_type, *reader_type, *random_type;  // io's

static PyObject *wrapper_new(PyTypeObject *own, PyObject *args, PyObject *names) {
  static char *known[] = {"filelike", "blksize", NULL};
  PyObject *file;
  Py_ssize_t size = 8192;
  if (!PyArg_ParseTupleAndKeywords(args, names, "O|n", known, &file, &size)) return NULL;
  wrapper *self = PyObject_New(wrapper, own);
  if (!self) return NULL;
  Py_INCREF(file);
  self->file = file;
  self->size = size > 0 ? size : 8192;
  return (PyObject *)self;
}

static void wrapper_free(PyObject *object) {
  PyTypeObject *own = Py_TYPE(object);
  Py_XDECREF(((wrapper *)object)->file);
  PyObject_Free(object);
  Py_DECREF(own);
}

static PyObject *wrapper_iter(PyObject *object) {
  Py_INCREF(object);
  return object;
}

static PyObject *wrapper_next(PyObject *object) {
  wrapper *self = (wrapper *)object;
  PyObject *block = PyObject_CallMethod(self->file, "read", "n", self->size);
  if (!block) return NULL;
  Py_ssize_t size = PyObject_Size(block);
  if (size > 0) return block;
  Py_DECREF(block);
  return NULL;
}

static PyObject *wrapper_close(PyObject *object, PyObject *unused) {
  (void)unused;
  PyObject *close = PyObject_GetAttrString(((wrapper *)object)->file, "close");
  if (!close) {
    PyErr_Clear();
    Py_RETURN_NONE;
  }
  PyObject *result = PyObject_CallObject(close, NULL);
  Py_DECREF(close);
  return result;
}

static PyObject *wrapper_file(PyObject *object, void *unused) {
  (void)unused;
  PyObject *file = ((wrapper *)object)->file;
  Py_INCREF(file);
  return file;
}

static PyMethodDef methods[] = {
    {"close", wrapper_close, METH_NOARGS, "close(): closes the file."}, {NULL, NULL, 0, NULL}};
static PyGetSetDef getters[] = {{"filelike", wrapper_file, NULL, "The file.", NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot slots[] = {{Py_tp_new, wrapper_new},        {Py_tp_dealloc, wrapper_free}, {Py_tp_iter, wrapper_iter},
                              {Py_tp_iternext, wrapper_next}, {Py_tp_methods, methods},      {Py_tp_getset, getters},
                              {0, NULL}};
static PyType_Spec spec = {"greenfinch.FileWrapper", sizeof(wrapper), 0, Py_TPFLAGS_DEFAULT, slots};

static int find_types(void) {
  PyObject *io = PyImport_ImportModule("io");
  if (!io) return -1;
  raw_type = PyObject_GetAttrString(io, "FileIO");
  reader_type = PyObject_GetAttrString(io, "BufferedReader");
  random_type = PyObject_GetAttrString(io, "BufferedRandom");
  Py_DECREF(io);
  return raw_type && reader_type && random_type ? 0 : -1;
}

int gf_file_wrapper_prepare(PyObject *module) {
  if (!raw_type && find_types()) return -1;
  if (!type) type = (PyTypeObject *)PyType_FromSpec(&spec);
  if (!type) return -1;
  Py_INCREF(type);
  return PyModule_AddObject(module, "FileWrapper", (PyObject *)type);
}

// Whether reading gives a file's own bytes, which then are its descriptor's: what open() makes. Others may have the descriptor of
// something else, as gzip's and what decrypts have.
static int is_plain(PyObject *file) {
  PyObject *own = (PyObject *)Py_TYPE(file);
  if (own == raw_type) return 1;
  if (own != reader_type && own != random_type) return 0;
  PyObject *raw = PyObject_GetAttrString(file, "raw");
  int result = raw && (PyObject *)Py_TYPE(raw) == raw_type;
  if (!raw) PyErr_Clear();
  Py_XDECREF(raw);
  return result;
}

// The file that one of tempfile's stands for, with a name; else itself. A new reference.
static PyObject *behind(PyObject *file) {
  PyObject *own = (PyObject *)Py_TYPE(file), *name = PyObject_GetAttrString(own, "__name__"), *inner = NULL;
  PyObject *module = name ? PyObject_GetAttrString(own, "__module__") : NULL;
  if (module && PyUnicode_Check(name) && PyUnicode_Check(module) &&
      PyUnicode_CompareWithASCIIString(name, "_TemporaryFileWrapper") == 0 &&
      PyUnicode_CompareWithASCIIString(module, "tempfile") == 0)
    inner = PyObject_GetAttrString(file, "file");
  if (!inner) {
    PyErr_Clear();
    Py_INCREF(file);
    inner = file;
  }
  Py_XDECREF(name);
  Py_XDECREF(module);
  return inner;
}

// The descriptor of a regular file, and where it stands: what was read of it must be neither sent again nor left out.
static int find_file(PyObject *file, int64_t *offset, int64_t *left) {
  int descriptor = PyObject_AsFileDescriptor(file);
  PyObject *place = descriptor < 0 ? NULL : PyObject_CallMethod(file, "tell", NULL);
  struct stat status;
  if (place) *offset = PyLong_AsLongLong(place);
  Py_XDECREF(place);
  if (PyErr_Occurred()) {
    PyErr_Clear();
    return -1;
  }
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  *left = status.st_size > *offset ? status.st_size - *offset : 0;
  return descriptor;
}

int gf_file_wrapper_begin(gf_call *call, PyObject *iterable) {
  if (Py_TYPE(iterable) != type || !call->status) return 0;
  PyObject *file = behind(((wrapper *)iterable)->file);
  int descriptor = is_plain(file) ? find_file(file, &call->file_offset, &call->file_left) : -1;
  Py_DECREF(file);
  if (descriptor < 0) return 0;
  if (!call->has_begun && gf_call_begin(call, call->file_left)) return -1;
  call->file = descriptor;
  int64_t room = call->length - call->written;
  if (call->length >= 0 && call->file_left > room) call->file_left = room;
  return 1;
}

int gf_file_wrapper_send(gf_call *call) {
  int number;
  greenpython_exchange *exchange = call->exchange;
  Py_BEGIN_ALLOW_THREADS
  number = greenpython_send_file(exchange, call->file, call->file_offset, call->file_left);
  Py_END_ALLOW_THREADS
  call->written += call->file_left;
  if (number == 0) return 0;
  gf_set_errno(number);
  return -1;
}
