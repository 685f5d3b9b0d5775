// Programs that are started, and traced.

#include "differential.h"

#include <signal.h>
#include <spawn.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

extern char **environ;

static void note_status(struct run *run, pid_t child) {
  int status = 0;
  note_result(run, "waitpid", waitpid(child, &status, 0) == child ? 0 : -1);
  note(run, "status %#x\n", (unsigned)status);
}

static const char *const programs[] = {"/bin/sh", "sh", "/no/such/program"};

static void start(struct run *run) {
  char *const arguments[] = {(char *)"sh", (char *)"-c", (char *)"exit 3", NULL};
  const char *program = programs[run->a];
  pid_t pid = 0;
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const posix_spawnattr_t *given = run->b == 0 ? NULL : &attributes;
  int error = run->a == 1 ? posix_spawnp(&pid, program, NULL, given, arguments, environ)
                          : posix_spawn(&pid, program, NULL, given, arguments, environ);
  note(run, "posix_spawn: %d\n", error);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return;
  note_status(run, pid);
}

// It stops, and ends when it is let go on.
static void trace(struct run *run) {
  pid_t child = fork();
  if (child == 0) {
    usleep((useconds_t)run->a * 1000);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(9);
    raise(SIGSTOP);
    _exit(5);
  }
  note_status(run, child);
  note_result(run, "ptrace", ptrace(PTRACE_CONT, child, NULL, NULL));
  note_status(run, child);
  note_result(run, "ptrace", ptrace(PTRACE_CONT, child, NULL, NULL));
}

void add_starting(void) {
  add(trace, 0, 0, 0, "ptrace of a child that stops at once");
  add(trace, 50, 0, 0, "ptrace of a child that stops later");
  for (int program = 0; program < 3; program++) {
    for (int mask = 0; mask < 2; mask++) {
      add(start, program, mask, 0, "%s of %s%s", program == 1 ? "posix_spawnp" : "posix_spawn", programs[program],
          mask == 0 ? "" : ", with a mask");
    }
  }
}
