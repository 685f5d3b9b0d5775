// Programs that are started, and traced.

#include "differential.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

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
  int status = 0;
  note_result(run, "waitpid", waitpid(pid, &status, 0) == pid ? 0 : -1);
  note(run, "status %#x\n", (unsigned)status);
}

void add_starting(void) {
  for (int program = 0; program < 3; program++) {
    for (int mask = 0; mask < 2; mask++) {
      add(start, program, mask, 0, "%s of %s%s", program == 1 ? "posix_spawnp" : "posix_spawn", programs[program],
          mask == 0 ? "" : ", with a mask");
    }
  }
}
