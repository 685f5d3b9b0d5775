#include "extension.h"

#include <stdlib.h>
#include <string.h>

// The keys of the fields that have come more than once: most requests have the same. A client that makes up names may fill the
// table, and nothing more.
#define PLACES 512
#define MOST 256

typedef struct entry {
  char *name;  // in the case that it came in
  size_t length;
  PyObject *key;
} entry;

static entry table[PLACES];
static size_t used;
static size_t seen[PLACES];  // hashes of names that have come, each where its name would be: what comes again is kept
static PyObject *scratch;    // holds the latest key that is not in the table

static size_t hash(const char *name, size_t length) {
  size_t value = 14695981039346656037u;
  for (size_t i = 0; i < length; i++) value = (value ^ (unsigned char)name[i]) * 1099511628211u;
  return value;
}

static int is_named(const char *name, size_t length, const char *wanted) {
  return strlen(wanted) == length && strncasecmp(name, wanted, length) == 0;
}

// PEP 3333 has CGI's names. A name with "_" would be taken for one with "-", which a proxy may have looked at. Not interned:
// CPython 3.12 before 3.12.6 never lets go of a string that is.
static PyObject *make(const char *name, size_t length) {
  if (memchr(name, '_', length)) {
    Py_INCREF(Py_None);
    return Py_None;
  }
  if (is_named(name, length, "content-type")) return PyUnicode_InternFromString("CONTENT_TYPE");
  if (is_named(name, length, "content-length")) return PyUnicode_InternFromString("CONTENT_LENGTH");
  char *text = malloc(length + 6);
  if (!text) return PyErr_NoMemory();
  memcpy(text, "HTTP_", 5);
  for (size_t i = 0; i < length; i++) {
    char byte = name[i];
    text[5 + i] = byte == '-' ? '_' : byte >= 'a' && byte <= 'z' ? (char)(byte - 32) : byte;
  }
  text[5 + length] = 0;
  PyObject *key = PyUnicode_DecodeLatin1(text, (Py_ssize_t)length + 5, NULL);
  free(text);
  return key;
}

PyObject *gf_environ_name(const char *name, size_t length) {
  size_t number = hash(name, length), place = number % PLACES;
  while (table[place].key) {
    if (table[place].length == length && memcmp(table[place].name, name, length) == 0) return table[place].key;
    place = (place + 1) % PLACES;
  }
  PyObject *key = make(name, length);
  if (!key) return NULL;
  int has_come = seen[number % PLACES] == number;
  seen[number % PLACES] = number;
  char *copy = has_come && used < MOST && length < 128 ? malloc(length ? length : 1) : NULL;
  if (!copy) {
    Py_XDECREF(scratch);
    return scratch = key;
  }
  if (key != Py_None) PyUnicode_InternInPlace(&key);
  memcpy(copy, name, length);
  table[place] = (entry){copy, length, key};
  used++;
  return key;
}
