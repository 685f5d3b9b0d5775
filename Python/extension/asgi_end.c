#include "asgi.h"

// The end of the application's call: what is left to be said to the client, and to the log.

// Has the answer be 500, or the connection end. Once the answer is whole, or in a conversation, there is only the log to tell.
static void fail(asgi_exchange *exchange, PyObject *text, bool is_answered, bool is_late) {
  PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
  char *start = "";
  Py_ssize_t count = 0;
  if (!bytes || PyBytes_AsStringAndSize(bytes, &start, &count)) PyErr_Clear();
  if (is_answered) greenpython_log(40, start, (size_t)count);
  greenpython_asgi_fail(exchange->native, start, (size_t)count, is_late);
  Py_XDECREF(bytes);
}

static void has_raised(asgi_exchange *exchange, PyObject *exception, asgi_stage stage) {
  bool is_answered = stage == ASGI_COMPLETE || stage == ASGI_OPEN || exchange->is_gone;
  PyObject *line = NULL;
  if (is_answered) {
    char text[512];
    size_t count = greenpython_get_text(exchange->native, GREENPYTHON_LINE, text, sizeof text);
    line = PyUnicode_DecodeUTF8(text, (Py_ssize_t)(count < sizeof text ? count : sizeof text - 1), "replace");
  }
  // The server tells which request it was where it answers for it.
  PyObject *report = PyObject_CallFunctionObjArgs(asgi_application.report, exception, line ? line : Py_None, Py_False, NULL);
  fail(exchange, report, is_answered, false);
  Py_XDECREF(report);
  Py_XDECREF(line);
}

// Whether it was ended by the request's time: in the middle of its computing, where it awaited something, or in a call that blocked.
static bool is_out_of_time(asgi_exchange *exchange, PyObject *exception, asgi_stage stage) {
  if (exchange->deadline < 0) return false;
  if (gf_is_request_timeout_itself(exception)) return true;
  if (exchange->is_late && PyObject_IsInstance(exception, asgi_application.cancelled_error) == 1) return true;
  // Such a call held the loop, which has not been told yet. What comes after the answer has no time that it could exceed.
  return stage != ASGI_COMPLETE && PyErr_GivenExceptionMatches(exception, PyExc_TimeoutError) &&
         gf_deadline_has_passed(exchange->deadline);
}

// The log says where it was.
static void was_ended(asgi_exchange *exchange, PyObject *exception) {
  PyObject *report = PyObject_CallFunctionObjArgs(asgi_application.report, exception, Py_None, Py_True, NULL);
  fail(exchange, report, false, true);
  Py_XDECREF(report);
}

static void has_returned(asgi_exchange *exchange, asgi_stage stage) {
  if (exchange->is_gone || stage == ASGI_COMPLETE) return;
  if (stage == ASGI_OPEN) {
    greenpython_asgi_close(exchange->native, 1000, "", 0);
    return;
  }
  bool has_begun = stage != ASGI_WAITING;
  PyObject *text = PyUnicode_FromString(
      has_begun                 ? "ASGI callable returned without completing response."
      : exchange->is_websocket ? "ASGI callable returned without sending handshake."
                                : "ASGI callable returned without starting response.");
  fail(exchange, text, false, false);
  Py_XDECREF(text);
}

// As Starlette calls what it raises, in a view that reads or streams, once the client has gone.
static bool is_named_so(PyObject *exception) {
  PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(exception), "__name__");
  bool result = name && PyUnicode_Check(name) &&
                (PyUnicode_CompareWithASCIIString(name, "ClientDisconnect") == 0 ||
                 PyUnicode_CompareWithASCIIString(name, "WebSocketDisconnect") == 0);
  if (!name) PyErr_Clear();
  Py_XDECREF(name);
  return result;
}

// That the client has gone is the end of an answer, and no failure of whoever made it; nor is that his task was cancelled.
static bool is_end(asgi_exchange *exchange, PyObject *exception) {
  if (!exchange->is_gone) return false;
  return PyObject_IsInstance(exception, asgi_application.gone_error) == 1 ||
         PyObject_IsInstance(exception, asgi_application.cancelled_error) == 1 || is_named_so(exception);
}

void asgi_exchange_finish(asgi_exchange *exchange, PyObject *exception) {
  asgi_application.active--;
  gf_running_end(&exchange->running);
  Py_CLEAR(exchange->task);
  asgi_stage stage = exchange->stage;
  exchange->stage = ASGI_COMPLETE;
  // A task that it has begun may still wait for a message: none will come.
  if (asgi_wake(&exchange->readers)) PyErr_Clear();
  if (!exception) {
    has_returned(exchange, stage);
    return;
  }
  if (is_out_of_time(exchange, exception, stage)) {
    was_ended(exchange, exception);
  } else if (!is_end(exchange, exception)) {
    has_raised(exchange, exception, stage);
  }
}
