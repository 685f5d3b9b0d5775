#define _GNU_SOURCE

#include "cprocess_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "internal.h"

static int caught_pipe = -1, read_pipe = -1;
static sigset_t caught;
static pid_t catcher;
static volatile sig_atomic_t quick;

static void on_signal(int signal) {
  if (getpid() != catcher) {
    // A child made without the handlers of pthread_atfork: the pipe is its parent's.
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(signal, &standard, NULL);
    raise(signal);
    return;
  }
  if (quick && (signal == SIGINT || signal == SIGQUIT)) _exit(0);
  int saved_errno = errno;
  unsigned char byte = (unsigned char)signal;
  // A full pipe holds enough signals to be acted on.
  ssize_t ignored = write(caught_pipe, &byte, 1);
  (void)ignored;
  errno = saved_errno;
}

int cprocess_signals_catch(const int *signals, size_t count) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -1;
  read_pipe = ends[0];
  caught_pipe = ends[1];
  catcher = getpid();
  sigemptyset(&caught);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < count; i++) {
    if (sigaction(signals[i], &action, NULL) < 0) return -1;
    sigaddset(&caught, signals[i]);
  }
  return ends[0];
}

void cprocess_signals_disown(void) {
  if (caught_pipe < 0) return;
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < NSIG; signal++)
    if (sigismember(&caught, signal) == 1) sigaction(signal, &standard, NULL);
  close(read_pipe);
  close(caught_pipe);
  read_pipe = caught_pipe = -1;
}

void cprocess_signals_quick(int on) { quick = on; }
