// accept(2), accept4(2).
//
// Neither has a flag for "this call only does not wait", and O_NONBLOCK belongs to every process that shares the listening
// socket: set and put back by one, it would make another fail, or wait in the kernel. So the plain call is made, when poll
// says that a connection is there. Another process may take that one first: then a timer interrupts the call.

#define FAMILY GREEN_SOCKETS
#include "redirect.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

REAL(accept)
REAL(accept4)
REAL(sigaction)

// ---- The timer ----------------------------------------------------------------------------------------------------

// How long a call that need not wait may take, in nanoseconds.
#define BOUND 2000000

static OF_THREAD struct {
  bool exists, was_blocked;
  timer_t timer;
} bound_of_thread;
#define bound GREEN_OF_THREAD(bound_of_thread)

static void interrupt(int signal) { (void)signal; }

// A child of fork has no timers.
void credirect_forget_timer(void) { bound.exists = false; }

static pthread_key_t ending;
static bool has_ending;

static void delete_timer(void *unused) {
  (void)unused;
  if (bound.exists) timer_delete(bound.timer);
  bound.exists = false;
}

__attribute__((constructor)) static void register_handlers(void) {
  has_ending = pthread_key_create(&ending, delete_timer) == 0;
}

static _Atomic int found;

int credirect_interrupting_signal(void) { return atomic_load(&found); }

// A real-time signal that nobody uses: 0 for none. It only is to interrupt.
static int find_signal(void) {
  if (atomic_load(&found) != 0) return atomic_load(&found);
  for (int signal = SIGRTMAX - 2; signal >= SIGRTMIN; signal--) {
    struct sigaction action;
    if (real_sigaction()(signal, NULL, &action) != 0) continue;
    if (action.sa_handler != SIG_DFL && action.sa_handler != interrupt) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    action.sa_flags = SA_ONSTACK;
    if (real_sigaction()(signal, &action, NULL) != 0) continue;
    atomic_store(&found, signal);
    return signal;
  }
  return 0;
}

static bool make_timer(void) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = find_signal();
  event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  bound.exists = event.sigev_signo != 0 && timer_create(CLOCK_MONOTONIC, &event, &bound.timer) == 0;
  if (!bound.exists) return false;
  // For the end of the thread.
  void *loaded = cfiber_enter_thread();
  if (has_ending) pthread_setspecific(ending, "");
  cfiber_leave_thread(loaded);
  return true;
}

static int change_mask(int how, sigset_t *before) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, credirect_interrupting_signal());
  return pthread_sigmask(how, &signals, before);
}

// Again and again: the first may come before the call has begun. A program may block every signal, at any time.
void credirect_interrupt_soon(bool is_on) {
  long nanoseconds = is_on ? BOUND : 0;
  struct itimerspec time = {{0, nanoseconds}, {0, nanoseconds}};
  int saved = errno;
  if (bound.exists || make_timer()) {
    sigset_t before;
    if (is_on && change_mask(SIG_UNBLOCK, &before) == 0) {
      bound.was_blocked = sigismember(&before, credirect_interrupting_signal()) == 1;
    }
    timer_settime(bound.timer, 0, &time, NULL);
    if (!is_on && bound.was_blocked) change_mask(SIG_BLOCK, NULL);
  }
  errno = saved;
}

// ---- The calls ----------------------------------------------------------------------------------------------------

static int accept_at_once(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  credirect_interrupt_soon(true);
  int result = real_accept4()(fd, address, length, flags);
  credirect_interrupt_soon(false);
  return result;
}

static bool is_listener(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

static int accept_in_fiber(const credirect_table *table, int fd, struct sockaddr *address, socklen_t *length,
                           int flags) {
  struct waiting waiting = WAITING(table, fd, POLLIN, SO_RCVTIMEO);
  for (;;) {
    if (credirect_has(fd, POLLIN)) {
      int result = accept_at_once(fd, address, length, flags);
      if (result >= 0 || (errno != EAGAIN && errno != EINTR)) return result;
    }
    // What is wrong, the plain call says at once.
    if (waiting.deadline == UNASKED && !is_listener(fd)) return real_accept4()(fd, address, length, flags);
    int error = credirect_wait_to_retry(&waiting);
    if (error != 0) return error == ENDED ? real_accept4()(fd, address, length, flags) : fail(error);
  }
}

WAITS(int, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags), (fd, address, length, flags)) {
  const credirect_table *table;
  if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0 || (table = spending_table(fd)) == NULL) {
    return credirect_opened(real_accept4()(fd, address, length, flags));
  }
  return credirect_opened(accept_in_fiber(table, fd, address, length, flags));
}

WAITS(int, accept, (int fd, struct sockaddr *address, socklen_t *length), (fd, address, length)) {
  const credirect_table *table = spending_table(fd);
  if (table == NULL) return credirect_opened(real_accept()(fd, address, length));
  return credirect_opened(accept_in_fiber(table, fd, address, length, 0));
}
