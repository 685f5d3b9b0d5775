#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CCalls.h"

#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

int ccalls_vfork(int descriptor, unsigned microseconds) {
  pid_t child = vfork();
  if (child == 0) {
    char bytes[8];
    usleep(microseconds);
    _exit((int)read(descriptor, bytes, sizeof bytes));
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

void ccalls_become_shell(const char *script) {
  execl("/bin/sh", "sh", "-c", script, (char *)NULL);
  _exit(127);
}

int ccalls_vfork_shell(const char *script) {
  pid_t child = vfork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", script, (char *)NULL);
    _exit(127);
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

int ccalls_open_process(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

static int handled_descriptor;
static volatile long handled = -5;

static void handle(int signal, siginfo_t *information, void *context) {
  char byte;
  (void)context;
  usleep(1000);
  handled = information->si_signo == signal ? read(handled_descriptor, &byte, 1) : -7;
}

int ccalls_handle(int signal, int descriptor) {
  handled_descriptor = descriptor;
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
  // A process may have been started with every signal blocked.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, signal);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  return sigaction(signal, &action, NULL);
}

long ccalls_handled(void) { return handled; }

static void simple(int signal) { (void)signal; }

int ccalls_handler_is_seen(int number) {
  struct sigaction now;
  if (sigaction(number, NULL, &now) != 0 || now.sa_sigaction != handle || (now.sa_flags & SA_SIGINFO) == 0) return 1;
  if (signal(number, simple) != (void (*)(int))(void *)handle) return 2;
  if (sigaction(number, NULL, &now) != 0 || now.sa_handler != simple) return 3;
  if (signal(number, SIG_IGN) != simple) return 4;
  if (signal(number, SIG_DFL) != SIG_IGN) return 5;
  return signal(number, SIG_DFL) == SIG_DFL ? 0 : 6;
}
