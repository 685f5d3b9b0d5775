// system(3), and pclose(3) of what popen(3) started: the fiber waits for the command.

#define FAMILY GREEN_PROCESSES
#include "redirect.h"

#include <paths.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

REAL(system)
REAL(pclose)
REAL(waitpid)

extern char **environ;

// ---- system -------------------------------------------------------------------------------------------------------
//
// POSIX wants SIGINT and SIGQUIT ignored in the caller while a command runs, whichever of several. It also wants SIGCHLD
// blocked, which cannot be had for one fiber and would keep it from all others for as long as the command runs: a
// handler of the program that takes the status of every child takes this one's too, and system says ECHILD.

static pthread_mutex_t ignoring = PTHREAD_MUTEX_INITIALIZER;
static unsigned commands;
static struct sigaction old_interrupt, old_quit;

static void begin_ignoring(sigset_t *defaults) {
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigemptyset(&ignore.sa_mask);
  pthread_mutex_lock(&ignoring);
  if (commands++ == 0) {
    sigaction(SIGINT, &ignore, &old_interrupt);
    sigaction(SIGQUIT, &ignore, &old_quit);
  }
  // The command has what the caller had, unless that ignored them already.
  sigemptyset(defaults);
  if (old_interrupt.sa_handler != SIG_IGN) sigaddset(defaults, SIGINT);
  if (old_quit.sa_handler != SIG_IGN) sigaddset(defaults, SIGQUIT);
  pthread_mutex_unlock(&ignoring);
}

static void end_ignoring(void) {
  pthread_mutex_lock(&ignoring);
  if (--commands == 0) {
    sigaction(SIGINT, &old_interrupt, NULL);
    sigaction(SIGQUIT, &old_quit, NULL);
  }
  pthread_mutex_unlock(&ignoring);
}

static int spawn_shell(pid_t *pid, const char *command, const sigset_t *defaults) {
  posix_spawnattr_t attributes;
  int error = posix_spawnattr_init(&attributes);
  if (error != 0) return error;
  sigset_t mask = credirect_own_mask();
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setsigdefault(&attributes, defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  char *const arguments[] = {(char *)"sh", (char *)"-c", (char *)"--", (char *)command, NULL};
  error = posix_spawn(pid, _PATH_BSHELL, NULL, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  return error;
}

static int run(const char *command) {
  sigset_t defaults;
  begin_ignoring(&defaults);
  pid_t pid;
  int status = 127 << 8; // "as if the shell had been ended by _exit(127)"
  int error = spawn_shell(&pid, command, &defaults);
  if (error == 0) {
    pid_t waited;
    do waited = waitpid(pid, &status, 0);
    while (waited < 0 && errno == EINTR);
    if (waited < 0) {
      error = errno;
      status = -1;
      if (error == ECANCELED || error == ETIMEDOUT) {
        // Nobody will ever ask for this child again.
        kill(pid, SIGKILL);
        real_waitpid()(pid, NULL, 0);
      }
    }
  }
  end_ignoring();
  if (error != 0) errno = error;
  return status;
}

REDIRECTED int system(const char *command) {
  if (fiber_table() == NULL) return real_system()(command);
  return command != NULL ? run(command) : run("exit 0") == 0;
}

// ---- pclose -------------------------------------------------------------------------------------------------------
//
// glibc keeps the child's number to itself, so a thread makes the call. It goes on when the fiber has been told to end.

struct closing {
  FILE *stream;
  int result;
  int error;
};

static void close_and_wait(void *context) {
  struct closing *closing = context;
  closing->result = real_pclose()(closing->stream);
  closing->error = errno;
}

REDIRECTED int pclose(FILE *stream) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_pclose()(stream);
  struct closing *closing = malloc(sizeof *closing);
  if (closing == NULL) return real_pclose()(stream);
  *closing = (struct closing){stream, -1, 0};
  // libc closes the descriptor by itself.
  int fd = fileno(stream);
  bool was_watched = table->closing(fd);
  credirect_forget_kind(fd);
  int error = table->offload_droppable(close_and_wait, closing, free);
  table->closed(fd, was_watched);
  int result = -1;
  if (error == 0) {
    result = closing->result;
    error = result < 0 ? closing->error : 0;
    free(closing);
  } else if (error != ECANCELED && error != ETIMEDOUT) {
    return real_pclose()(stream); // no thread to be had
  }
  if (error != 0) errno = error;
  return result;
}
