#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000 // Linux 5.2; earlier ones ignore it
#endif

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#endif
#endif

// The child's stack, and above it what the child reports. Shared, so that a child with its own copy of the memory can
// report too.
#define STACK_BYTES (32 * 1024)

#define SIGNALS 64

struct start {
  const cspawn_request *request;
  pid_t parent;
  int step;
  int error;
};

// ---- In the child -------------------------------------------------------------------------------------------------

IN_CHILD static int keep_on_exec(int descriptor) { return (int)syscall(SYS_fcntl, descriptor, F_SETFD, 0); }

IN_CHILD static int arrange_streams(const int *streams) {
  int from[3];
  // Out of the way of those that come before them.
  for (int i = 0; i < 3; i++) {
    from[i] = streams[i];
    if (from[i] < 0 || from[i] > 2 || from[i] == i) continue;
    from[i] = (int)syscall(SYS_fcntl, from[i], F_DUPFD_CLOEXEC, 3);
    if (from[i] < 0) return -1;
  }
  for (int i = 0; i < 3; i++) {
    // One that this process has closed stays closed.
    if (from[i] < 0) keep_on_exec(i);
    else if (from[i] == i ? keep_on_exec(i) < 0 : syscall(SYS_dup3, from[i], i, 0) < 0) return -1;
  }
  return 0;
}

IN_CHILD static int keep_inherited(const cspawn_request *request) {
  for (size_t i = 0; i < request->inherited_count; i++)
    if (keep_on_exec(request->inherited[i]) < 0) return -1;
  return 0;
}

// The parent may have ended before the request was made: then the child was adopted, and nobody will end it.
IN_CHILD static void die_with(pid_t parent) {
  if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && syscall(SYS_getppid) != parent)
    syscall(SYS_exit_group, 0);
}

// As execvp(3): a folder where the program is not, or may not be run, does not end the search.
IN_CHILD static int become(const cspawn_request *request) {
  char *const *environment = request->environment != NULL ? request->environment : environ;
  bool is_denied = false;
  int error = ENOENT;
  if (request->programs == NULL) {
    syscall(SYS_execveat, request->image, "", request->arguments, environment, AT_EMPTY_PATH);
    return errno;
  }
  for (const char *const *program = request->programs; *program != NULL; program++) {
    syscall(SYS_execve, *program, request->arguments, environment);
    error = errno;
    if (error == EACCES) is_denied = true;
    else if (error != ENOENT && error != ENOTDIR && error != ESTALE && error != ENODEV && error != ETIMEDOUT)
      return error;
  }
  return is_denied ? EACCES : error;
}

IN_CHILD static int fail(struct start *start, int step, int error) {
  start->step = step;
  start->error = error;
  return 127;
}

// All signals are blocked until the dispositions are the standard ones.
IN_CHILD static int child(void *argument) {
  struct start *start = argument;
  const cspawn_request *request = start->request;
  if (request->dies_with_parent) die_with(start->parent);
  // By number, since glibc's sigaction leaves out two signals of its own, which a parent may have had ignored. However the
  // kernel's structure is laid out, zeros in it are SIG_DFL.
  const unsigned long standard[8] = {0};
  for (int number = 1; number <= SIGNALS; number++)
    syscall(SYS_rt_sigaction, number, standard, NULL, (size_t)SIGNALS / 8);
  if (request->group == CSPAWN_GROUP_SESSION && setsid() < 0) return fail(start, CSPAWN_AT_GROUP, errno);
  if (request->group == CSPAWN_GROUP_NEW && setpgid(0, 0) < 0) return fail(start, CSPAWN_AT_GROUP, errno);
  if (request->directory != NULL && chdir(request->directory) < 0) return fail(start, CSPAWN_AT_DIRECTORY, errno);
  if (arrange_streams(request->streams) < 0) return fail(start, CSPAWN_AT_STREAMS, errno);
  if (request->inherited == NULL) cspawn_close_others();
  else if (keep_inherited(request) < 0) return fail(start, CSPAWN_AT_STREAMS, errno);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  return fail(start, CSPAWN_AT_PROGRAM, become(request));
}

// ---- In the parent ------------------------------------------------------------------------------------------------

// CLONE_VFORK: this thread goes on when the child has become its program or ended. CLONE_VM: no page table is copied,
// so that a large process starts children as fast as a small one.
static pid_t start_child(struct start *start, void *stack_top, int flags, int *descriptor) {
#ifdef THREAD_SANITIZER
  // ThreadSanitizer's own clone does not bear a child in the same memory: this one has a copy.
  (void)stack_top;
  long pid = syscall(SYS_clone, CLONE_VFORK | SIGCHLD | flags, NULL, descriptor, NULL, NULL);
  if (pid == 0) syscall(SYS_exit_group, child(start));
  return (pid_t)pid;
#else
  return clone(child, stack_top, CLONE_VM | CLONE_VFORK | SIGCHLD | flags, start, descriptor);
#endif
}

int cspawn_start(const cspawn_request *request, cspawn_result *result) {
  *result = (cspawn_result){.pid = -1, .descriptor = -1, .step = CSPAWN_AT_PROCESS};
  char *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    result->error = errno;
    return -1;
  }
  void *top = memory + STACK_BYTES - 64; // both stay aligned
  struct start *start = top;
  *start = (struct start){.request = request, .parent = getpid()};

  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  result->pid = start_child(start, top, CLONE_PIDFD, &result->descriptor);
  // A sandbox may know the call and not the flag.
  if (result->pid < 0 && (errno == EINVAL || errno == EPERM || errno == ENOSYS))
    result->pid = start_child(start, top, 0, &result->descriptor);
  result->error = result->pid < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);

  if (result->pid > 0 && start->error != 0) {
    result->step = start->step;
    result->error = start->error;
    siginfo_t ignored;
    while (syscall(SYS_waitid, P_PID, result->pid, &ignored, WEXITED, NULL) < 0 && errno == EINTR) continue;
    if (result->descriptor >= 0) syscall(SYS_close, result->descriptor);
    result->pid = result->descriptor = -1;
  }
  munmap(memory, STACK_BYTES);
  return result->pid > 0 ? 0 : -1;
}
