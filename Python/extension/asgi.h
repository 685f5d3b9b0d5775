#ifndef ASGI_H
#define ASGI_H

// ASGI 3 in the extension. The connections' fibers parse and write, and know no Python; all that is here runs in the fiber of the
// application's event loop, with the GIL.

#include <stdbool.h>

#include "extension.h"

// ---- Names ---------------------------------------------------------------------------------------------------------

// Strings that are looked up or compared for each request, interned once.
#define ASGI_NAMES(X) \
  X(type, "type") X(asgi, "asgi") X(http_version, "http_version") X(method, "method") X(scheme, "scheme") X(path, "path") \
  X(raw_path, "raw_path") X(query_string, "query_string") X(root_path, "root_path") X(headers, "headers") \
  X(client, "client") X(server, "server") X(state, "state") X(extensions, "extensions") X(subprotocols, "subprotocols") \
  X(status, "status") X(body, "body") X(more_body, "more_body") X(trailers, "trailers") X(more_trailers, "more_trailers") \
  X(links, "links") X(text, "text") X(bytes, "bytes") X(code, "code") X(reason, "reason") X(subprotocol, "subprotocol") \
  X(http, "http") X(websocket, "websocket") X(http_request, "http.request") X(http_disconnect, "http.disconnect") \
  X(response_start, "http.response.start") X(response_body, "http.response.body") \
  X(response_trailers, "http.response.trailers") X(response_pathsend, "http.response.pathsend") \
  X(response_early_hint, "http.response.early_hint") X(ws_connect, "websocket.connect") \
  X(ws_receive, "websocket.receive") X(ws_disconnect, "websocket.disconnect") X(ws_accept, "websocket.accept") \
  X(ws_send, "websocket.send") X(ws_close, "websocket.close") X(ws_response_start, "websocket.http.response.start") \
  X(ws_response_body, "websocket.http.response.body") X(create_future, "create_future") X(set_result, "set_result") \
  X(done, "done") X(exception, "exception") X(add_done_callback, "add_done_callback") X(copy, "copy") X(run, "run") \
  X(call_soon, "call_soon") X(send, "send") X(throw_, "throw") X(empty, "")

struct asgi_names {
#define ASGI_NAME(name, text) PyObject *name;
  ASGI_NAMES(ASGI_NAME)
#undef ASGI_NAME
};
extern struct asgi_names asgi_names;

// ---- The application -------------------------------------------------------------------------------------------------

// What `asgi_configure` was given. There is one application in a process.
struct asgi_application {
  PyObject *application;  // as_asgi3's
  PyObject *loop;
  PyObject *state;        // the lifespan's, NULL without one
  PyObject *report;       // report(exception, line or None, is_late): the text for the log
  PyObject *on_stop;
  PyObject *on_gone;      // on_gone(exchange): the client has gone while its task runs
  PyObject *on_late;      // on_late(task): the request's time is over while its task runs
  PyObject *http, *websocket;  // what every scope begins as
  PyObject *root_path;
  PyObject *server;       // the address where there is one for all; NULL where each connection has its own
  PyObject *task_type, *task_options;
  bool is_eager;          // whether tasks can be asked to begin at once (3.12)
  PyObject *gone_error;   // ClientDisconnected
  PyObject *cancelled_error;  // asyncio.CancelledError
  unsigned long active;
  unsigned long served;
};
extern struct asgi_application asgi_application;

// ---- Exchanges -------------------------------------------------------------------------------------------------------

typedef enum {
  ASGI_WAITING,   // HTTP: no answer yet; WebSocket: not accepted yet
  ASGI_STARTED,   // http.response.start was sent: its head is kept until the body begins
  ASGI_BODY,      // the head is out, the body follows
  ASGI_TRAILERS,  // the body is out, trailers follow
  ASGI_OPEN,      // the WebSocket was accepted
  ASGI_COMPLETE,  // nothing more can be sent
} asgi_stage;

// The head of an answer until it is known how its body begins: `fields` and what they point to lie in one block with it.
typedef struct {
  greenpython_answer answer;
  const char *trailer;  // the field Trailer
  size_t trailer_length;
  bool has_trailers;
  greenpython_field fields[];
} asgi_head;

typedef struct {
  PyObject_HEAD
  greenpython_exchange *native;
  PyObject *task;     // while the application runs and has not finished at once
  PyObject *inbox;    // messages that nobody has received yet: a list, or NULL
  PyObject *readers;  // futures of those who wait to receive: a list, or NULL
  PyObject *writers;  // futures of those who wait until more may be sent: a list, or NULL
  asgi_head *head;
  asgi_stage stage;
  bool is_websocket;
  bool is_connected;   // websocket.connect was received
  bool body_has_ended; // the last http.request was received
  bool is_wanted;      // something was asked for that has not come
  bool is_behind;      // more is to be sent only when what there is has gone
  bool is_gone;        // nobody waits for the answer: the client has gone
  bool is_late;        // or the request's time is over
  bool is_denial;      // an answer in the place of a WebSocket
  bool has_trailers;   // a message with trailers ends the answer
  bool sends_trailers; // and they were announced, so that they are sent
  int64_t deadline;    // when the request's time is over, by CLOCK_MONOTONIC; -1 for never
  int close_code;
  PyObject *close_reason;
  PyObject *trailers;  // those so far: a list, or NULL
  gf_running running;
} asgi_exchange;

// All of these return new references, or NULL with an exception, or -1 with one.

int asgi_exchange_make_type(PyObject *module);
asgi_exchange *asgi_exchange_new(greenpython_exchange *native, bool is_websocket);
// Wakes all who wait in a list.
int asgi_wake(PyObject **waiting);
// The application has returned (NULL), or raised.
void asgi_exchange_finish(asgi_exchange *exchange, PyObject *exception);
int asgi_exchange_take(asgi_exchange *exchange, const greenpython_event *event);

// What a message is taken for: 0; 1: whoever sends waits until more may be sent; -1.
int asgi_http_send(asgi_exchange *exchange, PyObject *type, PyObject *message);
int asgi_websocket_send(asgi_exchange *exchange, PyObject *type, PyObject *message);
// *message: the next one; NULL: none is there yet.
int asgi_http_receive(asgi_exchange *exchange, PyObject **message);
int asgi_websocket_receive(asgi_exchange *exchange, PyObject **message);
// http.response.start and http.response.body, and those of an answer in the place of a WebSocket.
int asgi_start(asgi_exchange *exchange, PyObject *message);
int asgi_body(asgi_exchange *exchange, PyObject *message);
bool asgi_is(PyObject *type, PyObject *name);
int asgi_unexpected(PyObject *type, const char *expected);

asgi_head *asgi_head_of(PyObject *message);
// Fields of an iterable of pairs of bytes; free() it. *count of them.
greenpython_field *asgi_fields_of(PyObject *pairs, size_t *count);

// ---- Awaiting --------------------------------------------------------------------------------------------------------

int asgi_step_make_types(void);
// Awaitables that are coroutines to asyncio: one that is done; one that receives; one that waits until more may be sent.
PyObject *asgi_step_done(void);
PyObject *asgi_step_receiving(asgi_exchange *exchange);
PyObject *asgi_step_writing(asgi_exchange *exchange);

// ---- The time of a request -------------------------------------------------------------------------------------------

int asgi_guard_make_type(PyObject *module);
// The coroutine of a request, with its time; itself where it may take any.
PyObject *asgi_guard_new(asgi_exchange *exchange, PyObject *coroutine);
// The answer is whole: what the application still does has all the time it wants.
void asgi_guard_answered(asgi_exchange *exchange);

// ---- Requests --------------------------------------------------------------------------------------------------------

PyObject *asgi_scope(asgi_exchange *exchange);
// `is_forwarded`: whether a proxy may have named it.
PyObject *asgi_client(asgi_exchange *exchange, bool is_forwarded);
PyObject *asgi_server(asgi_exchange *exchange);

// A task that runs a coroutine, whose first step has been taken.
PyObject *asgi_task_begin(PyObject *coroutine);
// Has the exchange end with the task, which may have ended already.
int asgi_task_follow(asgi_exchange *exchange, PyObject *task);
int asgi_task_prepare(void);

// ---- Messages --------------------------------------------------------------------------------------------------------

// A message of its type and two more things, of which values may be NULL: those are left out.
PyObject *asgi_message(PyObject *type, PyObject *key, PyObject *value, PyObject *key2, PyObject *value2);
// `message[key]`, borrowed; NULL where it is not there or is None.
PyObject *asgi_get(PyObject *message, PyObject *key);
// Bytes of a value of a message, a new reference.
PyObject *asgi_bytes(PyObject *value, const char *what);

int asgi_add_to_module(PyObject *module);

#endif
