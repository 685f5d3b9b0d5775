#include "asgi.h"

#include <stdlib.h>
#include <string.h>

// Addresses of the client and of the server, as a scope has them.

// The port of "127.0.0.1:80" and "[::1]:80", and the length of what is before it; -1 where there is none.
static long port_of(const char *text, const char **host, size_t *count) {
  const char *colon = strrchr(text, ':');
  *host = text;
  *count = colon ? (size_t)(colon - text) : strlen(text);
  if (!colon || !colon[1]) return -1;
  if (*count >= 2 && text[0] == '[' && colon[-1] == ']') {
    *host = text + 1;
    *count -= 2;
  }
  char *end;
  long port = strtol(colon + 1, &end, 10);
  return *end || port < 0 || port > 65535 ? -1 : port;
}

static PyObject *address(const char *host, size_t count, long port) {
  PyObject *name = PyUnicode_DecodeLatin1(host, (Py_ssize_t)count, NULL), *number = name ? PyLong_FromLong(port) : NULL;
  PyObject *both = number ? PyTuple_Pack(2, name, number) : NULL;
  Py_XDECREF(name);
  Py_XDECREF(number);
  return both;
}

static PyObject *none(void) {
  Py_INCREF(Py_None);
  return Py_None;
}

// The client's, which a trusted proxy may have named: then its port is not known.
PyObject *asgi_client(asgi_exchange *exchange, bool is_forwarded) {
  char peer[256], named[256];
  const char *host;
  size_t count;
  greenpython_get_text(exchange->native, GREENPYTHON_PEER, peer, sizeof peer);
  long port = port_of(peer, &host, &count);
  size_t length = is_forwarded ? greenpython_get_text(exchange->native, GREENPYTHON_CLIENT, named, sizeof named) : 0;
  if (!length || length >= sizeof named) return port < 0 ? none() : address(host, count, port);
  bool is_peer = port >= 0 && length == count && !memcmp(host, named, count);
  return address(named, length, is_peer ? port : 0);
}

PyObject *asgi_server(asgi_exchange *exchange) {
  if (asgi_application.server) {
    Py_INCREF(asgi_application.server);
    return asgi_application.server;
  }
  char local[512];
  const char *host;
  size_t count;
  greenpython_get_text(exchange->native, GREENPYTHON_LOCAL, local, sizeof local);
  if (!strncmp(local, "unix:", 5)) {
    PyObject *path = PyUnicode_DecodeFSDefault(local + 5), *both = path ? PyTuple_Pack(2, path, Py_None) : NULL;
    Py_XDECREF(path);
    return both;
  }
  long port = port_of(local, &host, &count);
  return port < 0 ? none() : address(host, count, port);
}
