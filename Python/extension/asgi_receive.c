#include "asgi.h"

// What an application receives, and what has come of it from the connection.

static PyObject *http_disconnect(void) { return asgi_message(asgi_names.http_disconnect, NULL, NULL, NULL, NULL); }

static PyObject *empty_request(void) {
  PyObject *none = PyBytes_FromStringAndSize(NULL, 0);
  PyObject *message = none ? asgi_message(asgi_names.http_request, asgi_names.body, none, asgi_names.more_body, Py_False) : NULL;
  Py_XDECREF(none);
  return message;
}

static int take_from_inbox(asgi_exchange *exchange, PyObject **message) {
  *message = PyList_GetItem(exchange->inbox, 0);
  if (!*message) return -1;
  Py_INCREF(*message);
  return PyList_SetSlice(exchange->inbox, 0, 1, NULL);
}

static void want(asgi_exchange *exchange) {
  if (exchange->is_wanted) return;
  exchange->is_wanted = true;
  greenpython_asgi_want(exchange->native);
}

int asgi_http_receive(asgi_exchange *exchange, PyObject **message) {
  if (exchange->inbox && PyList_Size(exchange->inbox) > 0) return take_from_inbox(exchange, message);
  if (exchange->is_gone || exchange->stage == ASGI_COMPLETE) {
    *message = http_disconnect();
    return *message ? 0 : -1;
  }
  if (!exchange->body_has_ended) {
    greenpython_head head;
    greenpython_get_head(exchange->native, &head);
    if (head.body_length == 0) {
      exchange->body_has_ended = true;
      *message = empty_request();
      return *message ? 0 : -1;
    }
  }
  // The next piece of the body; after its end, word that the client has gone.
  want(exchange);
  return 0;
}

int asgi_websocket_receive(asgi_exchange *exchange, PyObject **message) {
  if (!exchange->is_connected) {
    exchange->is_connected = true;
    *message = asgi_message(asgi_names.ws_connect, NULL, NULL, NULL, NULL);
    return *message ? 0 : -1;
  }
  if (exchange->inbox && PyList_Size(exchange->inbox) > 0) return take_from_inbox(exchange, message);
  if (exchange->is_gone || exchange->stage == ASGI_COMPLETE) {
    PyObject *code = PyLong_FromLong(exchange->close_code ? exchange->close_code : 1006);
    PyObject *reason = exchange->close_reason ? exchange->close_reason : asgi_names.empty;
    *message = code ? asgi_message(asgi_names.ws_disconnect, asgi_names.code, code, asgi_names.reason, reason) : NULL;
    Py_XDECREF(code);
    return *message ? 0 : -1;
  }
  if (exchange->stage == ASGI_OPEN) want(exchange);
  return 0;
}

// ---- What comes from the connection ------------------------------------------------------------------------------------

static int put_into_inbox(asgi_exchange *exchange, PyObject *message) {
  if (!message) return -1;
  if (!exchange->inbox) exchange->inbox = PyList_New(0);
  int outcome = exchange->inbox ? PyList_Append(exchange->inbox, message) : -1;
  Py_DECREF(message);
  return outcome;
}

static PyObject *bytes_message(const greenpython_event *event, PyObject *type, PyObject *key, PyObject *more) {
  PyObject *bytes = PyBytes_FromStringAndSize(event->bytes, (Py_ssize_t)event->count);
  PyObject *message = bytes ? asgi_message(type, key, bytes, more ? asgi_names.more_body : NULL, more) : NULL;
  Py_XDECREF(bytes);
  return message;
}

static PyObject *text_message(const greenpython_event *event) {
  PyObject *text = PyUnicode_DecodeUTF8(event->bytes, (Py_ssize_t)event->count, "replace");
  PyObject *message = text ? asgi_message(asgi_names.ws_receive, asgi_names.text, text, NULL, NULL) : NULL;
  Py_XDECREF(text);
  return message;
}

static int take_end(asgi_exchange *exchange, const greenpython_event *event) {
  exchange->is_gone = true;
  exchange->is_late = event->kind == GREENPYTHON_EVENT_LATE;
  exchange->close_code = (int)event->number;
  if (event->bytes && !exchange->close_reason) {
    exchange->close_reason = PyUnicode_DecodeUTF8(event->bytes, (Py_ssize_t)event->count, "replace");
    if (!exchange->close_reason) return -1;
  }
  if (asgi_wake(&exchange->readers) || asgi_wake(&exchange->writers)) return -1;
  // One whose answer is complete has nobody to miss.
  PyObject *told = exchange->is_late ? asgi_application.on_late : asgi_application.on_gone;
  if (!exchange->task || exchange->stage == ASGI_COMPLETE || exchange->is_websocket || !told) return 0;
  PyObject *whom = exchange->is_late ? exchange->task : (PyObject *)exchange;
  PyObject *nothing = PyObject_CallFunctionObjArgs(told, whom, NULL);
  Py_XDECREF(nothing);
  return nothing ? 0 : -1;
}

static int take_body(asgi_exchange *exchange, const greenpython_event *event) {
  if (exchange->body_has_ended) {
    // The end is known already. Whoever waits wants to know of the client's.
    greenpython_asgi_want(exchange->native);
    return 0;
  }
  exchange->is_wanted = false;
  exchange->body_has_ended = event->number == 0;
  PyObject *more = event->number ? Py_True : Py_False;
  if (put_into_inbox(exchange, bytes_message(event, asgi_names.http_request, asgi_names.body, more))) return -1;
  return asgi_wake(&exchange->readers);
}

int asgi_exchange_take(asgi_exchange *exchange, const greenpython_event *event) {
  switch (event->kind) {
  case GREENPYTHON_EVENT_BODY: return take_body(exchange, event);
  case GREENPYTHON_EVENT_TEXT:
  case GREENPYTHON_EVENT_BYTES:
    exchange->is_wanted = false;
    if (put_into_inbox(
            exchange, event->kind == GREENPYTHON_EVENT_TEXT
                          ? text_message(event)
                          : bytes_message(event, asgi_names.ws_receive, asgi_names.bytes, NULL)))
      return -1;
    return asgi_wake(&exchange->readers);
  case GREENPYTHON_EVENT_DRAINED:
    exchange->is_behind = false;
    return asgi_wake(&exchange->writers);
  case GREENPYTHON_EVENT_DISCONNECT:
  case GREENPYTHON_EVENT_LATE: return take_end(exchange, event);
  default: return 0;
  }
}
