#include "extension.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Which requests the application is at: for dumps, and for the report of a worker that its master ends.
//
// The list is changed with the GIL held. A signal may come at any moment of that: by `next` it is whole at each.

// The oldest first. Aborts do not need the last.
static gf_running *volatile first;
static gf_running *last;

void gf_running_begin(gf_running *one, greenpython_exchange *exchange) {
  one->exchange = exchange;
  one->thread = PyThread_get_thread_ident();
  one->task = NULL;
  one->previous = last;
  one->next = NULL;
  if (last) last->next = one; else first = one;
  last = one;
}

void gf_running_note(gf_running *one, const greenpython_head *head) {
  one->method = head->base + head->method;
  one->method_length = head->method_length;
  one->target = head->base + head->target;
  one->target_length = head->target_length;
}

void gf_running_end(gf_running *one) {
  if (!one->exchange) return;
  one->exchange = NULL;
  gf_running *next = one->next;
  if (one->previous) one->previous->next = next; else first = next;
  if (next) next->previous = one->previous; else last = one->previous;
}

// ---- For dumps -----------------------------------------------------------------------------------------------------

typedef struct row {
  char line[1024], id[160];
  unsigned long thread;
  PyObject *task;
} row;

static PyObject *text_of(const char *text) { return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace"); }

// Without anything that could give other code a turn: it might change the list.
static size_t copy(row *rows, size_t most) {
  size_t count = 0;
  for (const gf_running *one = first; one && count < most; one = one->next) {
    row *own = &rows[count++];
    own->line[0] = own->id[0] = 0;
    greenpython_get_text(one->exchange, GREENPYTHON_LINE, own->line, sizeof own->line);
    greenpython_get_text(one->exchange, GREENPYTHON_ID, own->id, sizeof own->id);
    own->line[sizeof own->line - 1] = own->id[sizeof own->id - 1] = 0;
    own->thread = one->thread;
    own->task = one->task ? one->task : Py_None;
    Py_INCREF(own->task);
  }
  return count;
}

static PyObject *tuple_of(const row *own) {
  PyObject *line = text_of(own->line), *id = line ? text_of(own->id) : NULL;
  PyObject *result = id ? Py_BuildValue("(OOkO)", line, id, own->thread, own->task) : NULL;
  Py_XDECREF(line);
  Py_XDECREF(id);
  return result;
}

static PyObject *running(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  size_t most = 0;
  for (const gf_running *one = first; one; one = one->next) most++;
  row *rows = malloc(most * sizeof *rows + 1);
  if (!rows) return PyErr_NoMemory();
  size_t count = copy(rows, most);
  PyObject *list = PyList_New(0);
  for (size_t index = 0; index < count; index++) {
    PyObject *tuple = list ? tuple_of(&rows[index]) : NULL;
    if (list && (!tuple || PyList_Append(list, tuple))) Py_CLEAR(list);
    Py_XDECREF(tuple);
    Py_DECREF(rows[index].task);
  }
  free(rows);
  return list;
}

PyMethodDef gf_running_methods[] = {
    {"running", running, METH_NOARGS,
     "The requests that the application is at: [(line, id, ident of the thread, task)], the oldest first; 0 or None for none."},
    {NULL, NULL, 0, NULL}};

// ---- Where the master ends a worker that hangs ---------------------------------------------------------------------

// As many as faulthandler tells the threads of.
#define MOST_TOLD 100
// A list that is broken has no end.
#define MOST_SEEN 100000

static struct sigaction after;

// What is not there any more ends the report, and not the process.
static int peek(const void *place, void *into, size_t size) {
  struct iovec here = {into, size}, there = {(void *)(uintptr_t)place, size};
  return syscall(SYS_process_vm_readv, getpid(), &here, 1UL, &there, 1UL, 0UL) == (long)size;
}

static char *add(char *end, const char *text) {
  while (*text) *end++ = *text++;
  return end;
}

static char *add_part(char *end, const char *place, size_t length, size_t most) {
  size_t count = length < most ? length : most;
  if (!place || !peek(place, end, count)) return add(end, "?");
  for (size_t index = 0; index < count; index++)
    if (end[index] <= 32 || end[index] >= 127) end[index] = '?';
  end += count;
  return count < length ? add(end, "...") : end;
}

// As faulthandler names threads.
static char *add_thread(char *end, unsigned long thread) {
  if (!thread) return add(end, "A task");
  end = add(end, "Thread 0x");
  for (int shift = (int)sizeof thread * 8 - 4; shift >= 0; shift -= 4) *end++ = "0123456789abcdef"[thread >> shift & 15];
  return end;
}

static void tell(const gf_running *one) {
  char text[512], *end = add_thread(text, one->thread);
  end = add(end, " is at ");
  end = add_part(end, one->method, one->method_length, 32);
  *end++ = ' ';
  end = add_part(end, one->target, one->target_length, 300);
  *end++ = '\n';
  // The system call itself, which does not park.
  (void)!syscall(SYS_write, STDERR_FILENO, text, (size_t)(end - text));
}

static void tell_more(size_t count) {
  char text[64], digits[24], *end = add(text, "... and "), *digit = digits + sizeof digits;
  *--digit = 0;
  do *--digit = (char)('0' + count % 10); while (count /= 10);
  end = add(add(end, digit), " more\n");
  (void)!syscall(SYS_write, STDERR_FILENO, text, (size_t)(end - text));
}

// What is told before all others: what this very thread, or fiber, is at; then what others are at, and what waits in an event loop.
static int rank_of(const gf_running *one, unsigned long here) { return one->thread == here ? 0 : one->thread ? 1 : 2; }

static void tell_all(void) {
  static const char refused[] = "The requests cannot be told: process_vm_readv(2) is refused\n";
  unsigned long here = PyThread_get_thread_ident();
  size_t told = 0, more = 0;
  gf_running one;
  if (first && !peek(first, &one, sizeof one) && (errno == EPERM || errno == EACCES || errno == ENOSYS)) {
    (void)!syscall(SYS_write, STDERR_FILENO, refused, sizeof refused - 1);
    return;
  }
  for (int rank = 0; rank < 3; rank++) {
    const gf_running *place = first;
    for (int count = 0; place && count < MOST_SEEN && peek(place, &one, sizeof one); count++) {
      place = one.next;
      if (rank_of(&one, here) != rank) continue;
      if (told == MOST_TOLD) more++; else told++, tell(&one);
    }
  }
  if (more) tell_more(more);
}

// What each thread is at; faulthandler's handler, which is called after it, tells its Python frames.
static void on_abort(int number, siginfo_t *information, void *context) {
  int saved = errno;
  tell_all();
  errno = saved;
  if (after.sa_flags & SA_SIGINFO) {
    after.sa_sigaction(number, information, context);
  } else if (after.sa_handler != SIG_DFL && after.sa_handler != SIG_IGN) {
    after.sa_handler(number);
  } else {
    sigaction(number, &after, NULL);
    raise(number);
  }
}

void gf_running_tell_aborts(void) {
  struct sigaction action;
  // Read first: a signal between the two calls must find the handler that it is handed on to.
  sigaction(SIGABRT, NULL, &after);
  memset(&action, 0, sizeof action);
  action.sa_mask = after.sa_mask;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | (after.sa_flags & SA_NODEFER);
  action.sa_sigaction = on_abort;
  sigaction(SIGABRT, &action, NULL);
}
