#define _GNU_SOURCE

#include "cprocess_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cprocess_image.h"

// fork without the handlers of pthread_atfork, which are not async-signal-safe (glibc 2.34).
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
#define fork_only _Fork
#else
#define fork_only fork
#endif

static size_t count_of(const char *const *strings) {
  size_t count = 0;
  while (strings[count]) count++;
  return count;
}

// Whether an entry of the environment is of the same name as one of these variables.
static int is_replaced(const char *entry, const char *const *variables) {
  size_t length = strcspn(entry, "=");
  for (; *variables; variables++)
    if (strncmp(entry, *variables, length) == 0 && (*variables)[length] == '=') return 1;
  return 0;
}

// The original environment with these variables, of which getenv would find the original first; free() it.
static char **make_environment(const char *const *variables) {
  char *const *original = cprocess_image_environment();
  size_t count = count_of((const char *const *)original), more = count_of(variables);
  char **environment = calloc(count + more + 1, sizeof *environment);
  if (!environment) return NULL;
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (!is_replaced(original[i], variables)) environment[kept++] = original[i];
  for (size_t i = 0; i < more; i++) environment[kept++] = (char *)variables[i];
  return environment;
}

// In the child: never returns. All signals are blocked; only async-signal-safe calls.
static void become(int image, const char *path, char **environment, const int *inherited, size_t count, pid_t parent,
                   int failure) {
  // Killed with the master. The master may have ended before the request was made: then its child was adopted.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() != parent) _exit(0);
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &standard, NULL);
  int ok = 1;
  for (size_t i = 0; i < count; i++) {
    int flags = fcntl(inherited[i], F_GETFD);
    if (flags < 0 || fcntl(inherited[i], F_SETFD, flags & ~FD_CLOEXEC) < 0) ok = 0;
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (ok && image >= 0) fexecve(image, cprocess_image_arguments(), environment);
  if (ok && image < 0) execve(path, cprocess_image_arguments(), environment);
  int error = errno;
  // The pipe is empty and the parent waits for it: four bytes are written at once.
  ssize_t ignored = write(failure, &error, sizeof error);
  (void)ignored;
  _exit(127);
}

pid_t cprocess_spawn_again(int image, const char *const *variables, const int *inherited, size_t count) {
  if (!cprocess_image_arguments() || !cprocess_image_environment()) {
    errno = ENOMEM;
    return -1;
  }
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) < 0) return -1;
  char **environment = make_environment(variables);
  if (!environment) {
    close(failure[0]);
    close(failure[1]);
    errno = ENOMEM;
    return -1;
  }

  const char *path = cprocess_image_path();
  // No handler of this process may run in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t child = fork_only();
  if (child == 0) become(image, path, environment, inherited, count, parent, failure[1]);
  int error = child < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  free(environment);
  close(failure[1]);

  if (child > 0) {
    // The end of the pipe is closed by the exec; a number in it is the errno of one that failed.
    ssize_t got;
    do got = read(failure[0], &error, sizeof error);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)sizeof error) {
      while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
      child = -1;
    }
  }
  close(failure[0]);
  if (child < 0) errno = error;
  return child;
}
