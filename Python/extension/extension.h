#ifndef GREENFINCH_EXTENSION_H
#define GREENFINCH_EXTENSION_H

// Between the files of the extension, which is compiled once for CPython 3.9 and all later ones.

#define Py_LIMITED_API 0x03090000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define GREENPYTHON_EXTENSION
#include <greenpython.h>

#define HIDDEN __attribute__((visibility("hidden")))

// ---- Children that a request has forked: child.c ------------------------------------------------------------------

// To be called by the worker before it serves. 0, or -1 with an exception.
HIDDEN int gf_children_prepare(void);
// With an exception set that nobody has caught: in such a child, which means to exit by it, that is the child's end, with the status
// that is in it. Comes back elsewhere, and changes nothing.
HIDDEN void gf_end_child(void);

// ---- Being a thread: attach.c ------------------------------------------------------------------------------------

// Takes the GIL, on what Python takes for a thread: a fiber, or a thread of the worker. The first time it gets a thread state,
// which it keeps.
HIDDEN void gf_attach(void);
HIDDEN void gf_detach(void);

// ---- Errors: errors.c --------------------------------------------------------------------------------------------

// The exception that is set, as a traceback; it is not set any more. A new reference to a str, or NULL without one set.
HIDDEN PyObject *gf_take_traceback(void);
// Writes the exception that is set into the error log, after a sentence.
HIDDEN void gf_log_exception(const char *sentence);
// Has the exception that is set be the end of the request, whose time is over or not.
HIDDEN void gf_fail(greenpython_exchange *exchange, int is_late);
// Sets OSError of the errno. NULL.
HIDDEN PyObject *gf_set_errno(int number);
// Sets RuntimeError outside a worker. 0, or -1.
HIDDEN int gf_check_worker(void);

// ---- The time of a request: deadline.c ---------------------------------------------------------------------------

// A request that runs on the calling thread, or what Python takes for one. All zero at first.
typedef struct gf_deadline {
  struct gf_deadline *previous, *next;
  int64_t at;            // of CLOCK_MONOTONIC; 0 before the first begin
  int64_t due;           // when it is looked at
  unsigned long thread;
  void *fiber;           // NULL on a thread
  int is_raised, is_told;
  // Whether the request needs no more time, although its code goes on; NULL where that cannot be. With the GIL held.
  int (*is_over)(const struct gf_deadline *);
} gf_deadline;
// Starts what watches over them, where requests have a time. 0, or -1 with an exception.
HIDDEN int gf_deadlines_prepare(void);
// From the first to the second the exception may be raised; nothing of it is left after that.
HIDDEN void gf_deadline_begin(gf_deadline *deadline);
HIDDEN void gf_deadline_end(gf_deadline *deadline);
// The time of code that has been told already.
HIDDEN int64_t gf_deadline_again(void);
HIDDEN int gf_deadline_has_passed(int64_t at);
// Whether the exception that is set is that.
HIDDEN int gf_is_request_timeout(void);
HIDDEN int gf_is_request_timeout_itself(PyObject *exception);
// Whether requests have a time, once what watches over them has started.
HIDDEN int gf_has_request_time(void);

// ---- Which requests there are: running.c ---------------------------------------------------------------------------

// A request that the application is at. All zero at first.
typedef struct gf_running {
  struct gf_running *previous;
  struct gf_running *volatile next;
  greenpython_exchange *exchange;  // NULL where it is in no list
  unsigned long thread;            // what runs it, as threading.get_ident() says; 0 for a task that takes no step, as far as is known
  PyObject *task;                  // borrowed; NULL for none
  const char *method, *target;     // valid as long as the exchange is
  size_t method_length, target_length;
} gf_running;
// On the calling thread, or what Python takes for one.
HIDDEN void gf_running_begin(gf_running *one, greenpython_exchange *exchange);
// What it has asked for; that stays with it when it goes on later.
HIDDEN void gf_running_note(gf_running *one, const greenpython_head *head);
HIDDEN void gf_running_end(gf_running *one);
// Has SIGABRT tell them, before whoever handles it so far.
HIDDEN void gf_running_tell_aborts(void);

extern PyMethodDef gf_running_methods[];

// ---- The request: environ.c, environ_names.c, input.c ------------------------------------------------------------

// Reads the module's settings of WSGI; 0, or -1 with an exception.
HIDDEN int gf_environ_prepare(PyObject *base);
HIDDEN PyObject *gf_environ_make(greenpython_exchange *exchange, PyObject *input, gf_running *running);
// The key of environ for a field, borrowed; NULL with an exception. A field without one: Py_None.
HIDDEN PyObject *gf_environ_name(const char *name, size_t length);
// A text about a request.
HIDDEN PyObject *gf_text(const greenpython_exchange *exchange, int which);
// Splits "127.0.0.1:8000": the host, and the port in *port ("" for none). New references.
HIDDEN PyObject *gf_split_address(PyObject *address, PyObject **port);

HIDDEN int gf_input_prepare(void);
HIDDEN PyObject *gf_input_make(greenpython_exchange *exchange);
// Nothing can be read from then on.
HIDDEN void gf_input_end(PyObject *input);

// ---- The answer: answer.c, start_response.c, early_hints.c, file_wrapper.c -----------------------------------------

// Fields as C has them, and what holds their bytes.
typedef struct gf_fields {
  greenpython_field *fields;
  size_t count;
  PyObject *owner;
} gf_fields;
HIDDEN void gf_fields_free(gf_fields *fields);
// Of pairs of bytes. 0, or -1 with an exception.
HIDDEN int gf_fields_of_bytes(PyObject *pairs, gf_fields *into, int64_t *content_length);

// What start_response is to the application: it holds all of one call.
typedef struct gf_call {
  PyObject_HEAD
  greenpython_exchange *exchange;  // NULL once the request has ended
  PyObject *status, *headers;      // as given, the status as bytes; NULL before
  gf_fields fields;                // of the headers
  Py_ssize_t header_count;         // when these were made
  PyObject *input, *context, *iterable, *iterator;
  PyObject *socket;                // for code that speaks over the connection by itself; NULL for none
  int file;                        // the descriptor of the file that the answer is; -1 for none
  int64_t file_offset, file_left;
  int64_t length;                  // the Content-Length that the application gave; -1 for none
  int64_t written;
  int has_begun;                   // the head is out of the application's hands
  int is_whole;                    // and so is the body
  gf_deadline deadline;
  gf_running running;
} gf_call;
HIDDEN int gf_call_prepare(void);
HIDDEN gf_call *gf_call_make(greenpython_exchange *exchange);
// Sends a block of the body, and the head before the first. 0, or -1 with an exception.
HIDDEN int gf_call_write(gf_call *call, PyObject *block);
// The whole body at once. 0, or -1 with an exception.
HIDDEN int gf_call_write_whole(gf_call *call, PyObject *body);
// Sends the head at the least.
HIDDEN int gf_call_finish(gf_call *call);
// Hands over the head of an answer that goes on.
HIDDEN int gf_call_begin(gf_call *call, int64_t length);

HIDDEN int gf_early_hints_prepare(void);
// Puts the function that sends them into environ. 0, or -1 with an exception.
HIDDEN int gf_early_hints_offer(gf_call *call, PyObject *environ);
// The function: of pairs of names and values. RuntimeError on another thread, or fiber, than the call's.
HIDDEN PyObject *gf_early_hints_send(PyObject *call, PyObject *pairs);

HIDDEN int gf_file_wrapper_prepare(PyObject *module);
// Hands over the head of an answer that is a file: 1; 0 where it is none; -1 with an exception.
HIDDEN int gf_file_wrapper_begin(gf_call *call, PyObject *iterable);
// Sends that file, by sendfile(2) where that can be had. 0, or -1 with an exception.
HIDDEN int gf_file_wrapper_send(gf_call *call);

// ---- The host: wsgi.c, fibers.c ----------------------------------------------------------------------------------

HIDDEN int gf_wsgi_prepare(PyObject *application, PyObject *base);
// Before an answer: a socket that was offered and that nobody has used is the server's again.
HIDDEN void gf_wsgi_settle_socket(gf_call *call);
HIDDEN int gf_wsgi_respond(greenpython_exchange *exchange, void **state);
HIDDEN int gf_wsgi_resume(greenpython_exchange *exchange, void *state);
HIDDEN void gf_wsgi_drop(void *state);

HIDDEN int gf_fibers_prepare(PyObject *module);
HIDDEN void gf_fibers_run(void *job);
// Handlers of signals, and calls that other threads have left to Python's main thread. There, in no fiber that is a thread of its own.
HIDDEN void gf_main_turn(void);
// What the fiber of the event loop runs.
HIDDEN extern PyObject *gf_loop;

extern PyMethodDef gf_fiber_methods[];

// ---- The process that workers are forked from: fork_server.c -------------------------------------------------------

HIDDEN PyObject *gf_fork_server(PyObject *module, PyObject *unused);
HIDDEN PyObject *gf_fork_worker(PyObject *module, PyObject *unused);
HIDDEN PyObject *gf_become_worker(PyObject *module, PyObject *args);

#endif
