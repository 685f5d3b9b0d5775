#ifndef GREENPYTHON_H
#define GREENPYTHON_H

// What libgreenfinch and the Python extension say to each other, in one process: the library in front of the interpreter, the
// extension inside it.
//
// "May park": the calling fiber waits and others run; outside fibers the thread blocks. The caller must not hold the GIL then.
// What can fail returns 0, or an errno.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// The extension has no library of its own to find these in: they are there where libgreenfinch was loaded in front.
#ifdef GREENPYTHON_EXTENSION
#define GREENPYTHON_CALL __attribute__((weak))
#else
#define GREENPYTHON_CALL
#endif

// Of this header. An extension of another version refuses to work with the library.
#define GREENPYTHON_VERSION 4
GREENPYTHON_CALL int greenpython_version(void);

// ---- The request -------------------------------------------------------------------------------------------------

// A request and the answer to it. Valid until host.respond or host.resume has returned without GREENPYTHON_MORE, or
// host.drop was called; in an ASGI application until it is released.
typedef struct greenpython_exchange greenpython_exchange;

// Where a field lies, from `base` on.
typedef struct greenpython_range {
  uint32_t name, name_length, value, value_length;
} greenpython_range;

// The head of a request, as sent. Valid as long as the exchange is.
typedef struct greenpython_head {
  const char *base;
  const greenpython_range *fields;
  size_t field_count;
  size_t method, method_length;  // these are offsets from `base` too
  size_t target, target_length;
  size_t path, path_length;      // still percent-encoded; a length of 0 stands for "/"
  size_t query;
  ssize_t query_length;          // without its question mark; -1 for none
  size_t authority;
  ssize_t authority_length;      // of a target in absolute form; -1 for others
  int version;                   // 10, 11, 20
  int64_t body_length;           // -1 where a body may come whose length nobody knows yet
} greenpython_head;
GREENPYTHON_CALL void greenpython_get_head(const greenpython_exchange *exchange, greenpython_head *head);

enum {
  GREENPYTHON_PEER,       // "127.0.0.1:40312", "[::1]:40312", "unix:"
  GREENPYTHON_LOCAL,      // the same of the address that the peer has connected to
  GREENPYTHON_CLIENT,     // for whom the request was made, by trusted proxies; without a port
  GREENPYTHON_SCHEME,     // "http", "https"
  GREENPYTHON_ROOT_PATH,  // what a trusted proxy has taken off the front of the path
  GREENPYTHON_ID,         // the request's, as in the logs
  GREENPYTHON_LINE,       // "GET / HTTP/1.1"
};
// Copies the text, ended by a 0, as far as there is room. Returns its length.
GREENPYTHON_CALL size_t greenpython_get_text(
    const greenpython_exchange *exchange, int which, char *buffer, size_t size);

// Reads at least one byte of the body; 0 at its end; -1 with errno: EPIPE where the client broke off or sent what is not a
// body, EFBIG where it is too long, ETIMEDOUT. May park.
GREENPYTHON_CALL ssize_t greenpython_read_body(greenpython_exchange *exchange, void *buffer, size_t size);
// Whether the client has gone. A system call.
GREENPYTHON_CALL bool greenpython_is_abandoned(const greenpython_exchange *exchange);
// A descriptor of the connection, for code that speaks over it by itself; it is the caller's. From then on the server sends
// nothing, and ends the connection when the application is done with the request. -1 with errno where there is none.
GREENPYTHON_CALL int greenpython_take_socket(greenpython_exchange *exchange);
// Undoes that where nobody has used it.
GREENPYTHON_CALL void greenpython_return_socket(greenpython_exchange *exchange);

// ---- The answer --------------------------------------------------------------------------------------------------

typedef struct greenpython_field {
  const char *name;
  size_t name_length;
  const char *value;
  size_t value_length;
} greenpython_field;

typedef struct greenpython_answer {
  int status;
  const char *reason;
  size_t reason_length;
  const greenpython_field *fields;  // without Content-Length
  size_t field_count;
  int64_t length;                   // of the body; -1 where it is not known
} greenpython_answer;

// The whole answer. Copies it all. Does not park.
GREENPYTHON_CALL int greenpython_answer_whole(
    greenpython_exchange *exchange, const greenpython_answer *answer, const void *body, size_t count);
// The head of an answer whose body follows. Copies it all. Does not park.
GREENPYTHON_CALL int greenpython_begin_answer(greenpython_exchange *exchange, const greenpython_answer *answer);
// A piece of the body. EPIPE where the client has gone, or the answer has no body, as to HEAD. May park.
GREENPYTHON_CALL int greenpython_write(greenpython_exchange *exchange, const void *bytes, size_t count);
// A part of a file, by sendfile(2) where that can be had; -1 for `count`: to its end. May park.
GREENPYTHON_CALL int greenpython_send_file(greenpython_exchange *exchange, int descriptor, int64_t offset, int64_t count);
// 103 (Early Hints), RFC 8297. May park.
GREENPYTHON_CALL int greenpython_early_hints(
    greenpython_exchange *exchange, const greenpython_field *fields, size_t count);
// The application has failed, with this traceback for the log: the answer is 500 where nothing was sent, and the connection
// ends where it has begun. `is_late`: since its time is over, which makes it 503.
GREENPYTHON_CALL void greenpython_fail(greenpython_exchange *exchange, const char *text, size_t length, bool is_late);

// ---- What the extension does -------------------------------------------------------------------------------------

enum { GREENPYTHON_DONE, GREENPYTHON_MORE };

typedef struct greenpython_host {
  // Answers a request. In a fiber it goes on until the answer has ended; on a thread it returns GREENPYTHON_MORE with the
  // first piece of a body that is made bit by bit, and resume is called for the rest. Called without the GIL, on what Python
  // takes for a thread.
  int (*respond)(greenpython_exchange *exchange, void **state);
  int (*resume)(greenpython_exchange *exchange, void *state);
  // In the place of resume, where the rest is not wanted.
  void (*drop)(void *state);
  // Something to run in a fiber, see greenpython_spawn.
  void (*run)(void *job);
  // Does what Python leaves to its main thread. Called from time to time in a green worker, in the process's main
  // thread and not on what Python takes for another; without the GIL. May park.
  void (*main_turn)(void);
} greenpython_host;

// ---- The worker --------------------------------------------------------------------------------------------------

// The text of a setting, ended by a 0, as far as there is room. Returns its length; -1 where there is none or it has no value.
GREENPYTHON_CALL ssize_t greenpython_setting(const char *name, char *buffer, size_t size);
// "sync", "thread" or "green".
GREENPYTHON_CALL const char *greenpython_worker_class(void);
// Whether this process is a worker, or the one that workers are forked from.
GREENPYTHON_CALL bool greenpython_is_worker(void);
// The socket by which the process that workers are forked from is told of them; -1 in all others. Each message is the
// number of the worker's place, in digits, with the worker's descriptors.
GREENPYTHON_CALL int greenpython_fork_server(void);
// In that process: forks a worker, which is not its child. The worker's number, -1 with errno; in the worker 0.
GREENPYTHON_CALL int greenpython_fork_worker(void);
// In that worker, with its place and its descriptors: waits until it may begin. Whether it may.
GREENPYTHON_CALL bool greenpython_become_worker(int slot, const int *descriptors, size_t count);
// How long a request may take, in nanoseconds; 0 for any time.
GREENPYTHON_CALL int64_t greenpython_request_time(void);
// Before an ASGI worker runs: what is under this path is of that kind, and what is under none is WSGI. The longest
// first, without a slash at its end.
GREENPYTHON_CALL void greenpython_mount(const char *path, size_t length, bool is_asgi);
// Serves until the worker ends. Called in the process's main thread, without the GIL. Returns the exit status.
GREENPYTHON_CALL int greenpython_run_worker(const greenpython_host *host, bool is_asgi);
// Whether it was asked to end at once, and not when its requests had ended.
GREENPYTHON_CALL bool greenpython_ended_at_once(void);
// Tells the master that this worker cannot start.
GREENPYTHON_CALL void greenpython_cannot_start(const char *reason);
// Writes a record into the error log. Levels are those of Python's logging.
GREENPYTHON_CALL void greenpython_log(int level, const char *text, size_t length);

// ---- Fibers ------------------------------------------------------------------------------------------------------

typedef struct greenpython_fiber greenpython_fiber;

// Whether the calling code runs in a fiber.
GREENPYTHON_CALL bool greenpython_in_fiber(void);
// Why a fiber cannot be a thread to Python; NULL where it can.
GREENPYTHON_CALL const char *greenpython_refusal(void);
// Has a fiber call host.run(job). NULL with errno: EINVAL outside a hub's thread.
GREENPYTHON_CALL greenpython_fiber *greenpython_spawn(void *job, const char *name);
// Waits for its end; `nanoseconds` below 0 for ever. ETIMEDOUT. May park.
GREENPYTHON_CALL int greenpython_join(greenpython_fiber *fiber, int64_t nanoseconds);
// Every wait of the fiber fails with ECANCELED from now on.
GREENPYTHON_CALL void greenpython_cancel(greenpython_fiber *fiber);
GREENPYTHON_CALL void greenpython_release(greenpython_fiber *fiber);
GREENPYTHON_CALL void greenpython_yield(void);
// What the calling fiber is known by, as long as it runs; NULL outside fibers.
GREENPYTHON_CALL void *greenpython_current_fiber(void);
// A call that this fiber waits in for a descriptor or a time fails with ECANCELED, once. False where there is no such call, or no
// such fiber in the calling thread's hub.
GREENPYTHON_CALL bool greenpython_interrupt(void *fiber);

// When the waits of the calling fiber end at the latest, by CLOCK_MONOTONIC in nanoseconds; -1 for never, and outside fibers.
GREENPYTHON_CALL int64_t greenpython_deadline(void);
// Sets that for the calling fiber, -1 for never, and returns what it was; outside fibers it does nothing, and returns -1.
GREENPYTHON_CALL int64_t greenpython_set_deadline(int64_t nanoseconds);
// Whether a fiber, which runs and is known by what greenpython_current_fiber gave it, waits for something that its deadline
// ends: not for a lock. Any thread may ask; what it hears may be over.
GREENPYTHON_CALL bool greenpython_wait_ends_by_deadline(const void *fiber);
// Whether a wait of that fiber has ended so; the rest as above.
GREENPYTHON_CALL bool greenpython_has_met_deadline(const void *fiber);

typedef struct greenpython_counters {
  uint64_t fibers, parked, switches, slots, slots_in_use, slots_most, requests;
} greenpython_counters;
GREENPYTHON_CALL int greenpython_count(greenpython_counters *counters);
// Every fiber of the calling thread's hub and what it waits for; free() it. NULL outside a hub.
GREENPYTHON_CALL char *greenpython_dump(void);

// ---- ASGI --------------------------------------------------------------------------------------------------------

// The connection's fiber speaks HTTP, another one runs the application's event loop, which calls these. None but the last
// parks.

enum {
  GREENPYTHON_EVENT_REQUEST,     // a new exchange, which is the receiver's to release
  GREENPYTHON_EVENT_WEBSOCKET,   // a new exchange that asks for a WebSocket
  GREENPYTHON_EVENT_BODY,        // a piece of the body; `number` is 1 where more may follow
  GREENPYTHON_EVENT_DISCONNECT,  // `number` and bytes: a WebSocket's code and reason
  GREENPYTHON_EVENT_DRAINED,
  GREENPYTHON_EVENT_TEXT,        // a message, in UTF-8
  GREENPYTHON_EVENT_BYTES,
  GREENPYTHON_EVENT_STOP,        // no exchange: the worker stops
  GREENPYTHON_EVENT_LATE,        // the request's time is over: nobody waits for the answer any more
};

typedef struct greenpython_event {
  int kind;
  greenpython_exchange *exchange;
  int64_t number;
  void *bytes;  // free() it
  size_t count;
} greenpython_event;

// Readable when there are events.
GREENPYTHON_CALL int greenpython_event_descriptor(void);
// Takes the next event out; false where there is none.
GREENPYTHON_CALL bool greenpython_next_event(greenpython_event *event);
// The application has started, or not: NULL, or why not.
GREENPYTHON_CALL void greenpython_asgi_started(const char *failure);
GREENPYTHON_CALL void greenpython_exchange_release(greenpython_exchange *exchange);
GREENPYTHON_CALL void greenpython_asgi_want(greenpython_exchange *exchange);  // the next piece of the body, or message
GREENPYTHON_CALL void greenpython_asgi_start(
    greenpython_exchange *exchange, const greenpython_answer *answer, const char *trailers, size_t trailers_length);
// Whether more may be written; else GREENPYTHON_EVENT_DRAINED comes.
GREENPYTHON_CALL bool greenpython_asgi_write(
    greenpython_exchange *exchange, const void *bytes, size_t count, bool is_last);
GREENPYTHON_CALL int greenpython_asgi_send_path(greenpython_exchange *exchange, const char *path);
GREENPYTHON_CALL void greenpython_asgi_trailers(
    greenpython_exchange *exchange, const greenpython_field *fields, size_t count);
GREENPYTHON_CALL void greenpython_asgi_early_hints(
    greenpython_exchange *exchange, const greenpython_field *fields, size_t count);
GREENPYTHON_CALL void greenpython_asgi_accept(
    greenpython_exchange *exchange, const char *subprotocol, size_t length, const greenpython_field *fields, size_t count);
GREENPYTHON_CALL bool greenpython_asgi_message(
    greenpython_exchange *exchange, const void *bytes, size_t count, bool is_text);
GREENPYTHON_CALL void greenpython_asgi_close(
    greenpython_exchange *exchange, int code, const char *reason, size_t length);
// `is_late` as with greenpython_fail.
GREENPYTHON_CALL void greenpython_asgi_fail(greenpython_exchange *exchange, const char *text, size_t length, bool is_late);
// When the request's time is over, by CLOCK_MONOTONIC in nanoseconds; -1 for never, and for a WebSocket.
GREENPYTHON_CALL int64_t greenpython_asgi_deadline(const greenpython_exchange *exchange);
// Something of the receiver's own that goes with an exchange; NULL until it is set.
GREENPYTHON_CALL void greenpython_set_context(greenpython_exchange *exchange, void *context);
GREENPYTHON_CALL void *greenpython_get_context(const greenpython_exchange *exchange);
// Waits until there are events, the descriptor is readable, or so much time has passed; below 0 for ever. Only the loop's
// fiber calls it, and nobody else has the descriptor then. 1 where it is readable, 0 where not, -1 with errno. May park, and the
// others have their turn even where the time is 0.
GREENPYTHON_CALL int greenpython_asgi_wait(int descriptor, int64_t nanoseconds);

#ifdef __cplusplus
}
#endif
#endif
