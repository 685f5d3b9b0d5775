#include "asgi.h"

// What an application sends over a WebSocket.

static int refuse(asgi_exchange *exchange) {
  exchange->stage = ASGI_COMPLETE;
  // The connection's fiber answers with 403.
  greenpython_asgi_close(exchange->native, 1000, "", 0);
  return 0;
}

// UTF-8 of a text, or NULL with an exception. The text keeps it.
static PyObject *utf8(PyObject *text) {
  if (PyUnicode_Check(text)) return PyUnicode_AsUTF8String(text);
  PyErr_SetString(PyExc_TypeError, "a text must be str");
  return NULL;
}

static int accept_it(asgi_exchange *exchange, PyObject *message) {
  PyObject *pairs = asgi_get(message, asgi_names.headers);
  PyObject *protocol = PyErr_Occurred() ? NULL : asgi_get(message, asgi_names.subprotocol);
  if (PyErr_Occurred()) return -1;
  size_t count = 0;
  greenpython_field *fields = pairs ? asgi_fields_of(pairs, &count) : NULL;
  if (pairs && !fields) return -1;
  PyObject *name = protocol ? utf8(protocol) : NULL;
  int outcome = protocol && !name ? -1 : 0;
  if (!outcome) {
    exchange->stage = ASGI_OPEN;
    greenpython_asgi_accept(
        exchange->native, name ? PyBytes_AsString(name) : NULL, name ? (size_t)PyBytes_Size(name) : 0, fields, count);
  }
  Py_XDECREF(name);
  PyMem_Free(fields);
  // Whoever waits for a message already asks for one now.
  return outcome ? -1 : asgi_wake(&exchange->readers);
}

static int before_accept(asgi_exchange *exchange, PyObject *type, PyObject *message) {
  if (asgi_is(type, asgi_names.ws_accept)) return accept_it(exchange, message);
  if (asgi_is(type, asgi_names.ws_close)) return refuse(exchange);
  if (asgi_is(type, asgi_names.ws_response_start)) {
    exchange->is_denial = true;
    return asgi_start(exchange, message);
  }
  return asgi_unexpected(type, "'websocket.accept', 'websocket.close' or 'websocket.http.response.start'");
}

static int send_message(asgi_exchange *exchange, PyObject *message) {
  PyObject *value = asgi_get(message, asgi_names.bytes), *text = NULL, *bytes;
  if (!value && !PyErr_Occurred()) text = asgi_get(message, asgi_names.text);
  if (!value && !text) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_KeyError, "bytes or text");
    return -1;
  }
  bytes = value ? asgi_bytes(value, "bytes") : utf8(text);
  if (!bytes) return -1;
  bool may_go_on = greenpython_asgi_message(
      exchange->native, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes), text != NULL);
  Py_DECREF(bytes);
  exchange->is_behind = !may_go_on;
  return exchange->is_behind;
}

static int close_it(asgi_exchange *exchange, PyObject *message) {
  PyObject *code = asgi_get(message, asgi_names.code);
  PyObject *reason = PyErr_Occurred() ? NULL : asgi_get(message, asgi_names.reason);
  if (PyErr_Occurred()) return -1;
  long number = code ? PyLong_AsLong(code) : 1000;
  if (number == -1 && PyErr_Occurred()) return -1;
  PyObject *bytes = reason ? utf8(reason) : NULL;
  if (reason && !bytes) return -1;
  exchange->stage = ASGI_COMPLETE;
  exchange->close_code = (int)number;
  greenpython_asgi_close(
      exchange->native, (int)number, bytes ? PyBytes_AsString(bytes) : "", bytes ? (size_t)PyBytes_Size(bytes) : 0);
  Py_XDECREF(bytes);
  // Whoever waits for a message learns that none will come.
  return asgi_wake(&exchange->readers);
}

int asgi_websocket_send(asgi_exchange *exchange, PyObject *type, PyObject *message) {
  if (exchange->is_gone && exchange->stage != ASGI_COMPLETE) {
    PyErr_SetString(asgi_application.gone_error, "the client has gone");
    return -1;
  }
  switch (exchange->stage) {
  case ASGI_WAITING: return before_accept(exchange, type, message);
  case ASGI_STARTED:
  case ASGI_BODY:
    if (asgi_is(type, asgi_names.ws_response_body)) return asgi_body(exchange, message);
    return asgi_unexpected(type, "'websocket.http.response.body'");
  case ASGI_OPEN:
    if (asgi_is(type, asgi_names.ws_send)) return send_message(exchange, message);
    if (asgi_is(type, asgi_names.ws_close)) return close_it(exchange, message);
    return asgi_unexpected(type, "'websocket.send' or 'websocket.close'");
  default:
    if (!PyErr_Occurred()) {
      PyErr_Format(
          PyExc_RuntimeError,
          "Unexpected ASGI message '%U', after sending 'websocket.close' or response already completed.", type);
    }
    return -1;
  }
}
