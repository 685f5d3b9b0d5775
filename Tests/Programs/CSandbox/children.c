// Children that no handler of pthread_atfork hears of.

#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// By the instruction itself, as code does that is not C.
static long fork_by_instruction(void) {
#if defined(__x86_64__)
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_fork) : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long number __asm__("x8") = SYS_clone;
  register long flags __asm__("x0") = SIGCHLD;
  register long a __asm__("x1") = 0, b __asm__("x2") = 0, c __asm__("x3") = 0, d __asm__("x4") = 0;
  __asm__ volatile("svc 0" : "+r"(flags) : "r"(number), "r"(a), "r"(b), "r"(c), "r"(d) : "memory");
  return flags;
#endif
}

int csandbox_fork(const char *how) {
  if (strcmp(how, "_Fork") == 0) return _Fork();
  if (strcmp(how, "clone") == 0) return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (strcmp(how, "clone3") == 0) {
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    return (int)syscall(SYS_clone3, &arguments, sizeof arguments);
  }
#ifdef SYS_fork
  if (strcmp(how, "syscall") == 0) return (int)syscall(SYS_fork);
  if (strcmp(how, "vfork") == 0) return (int)syscall(SYS_vfork);
#else
  if (strcmp(how, "syscall") == 0 || strcmp(how, "vfork") == 0) return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#endif
  if (strcmp(how, "instruction") == 0) return (int)fork_by_instruction();
  errno = EINVAL;
  return -1;
}

static int sleep_for(void *seconds) {
  sleep((unsigned)(long)seconds);
  return 3;
}

int csandbox_clone(unsigned seconds, int in_this_memory) {
  static const size_t size = 256 << 10;
  char *stack = malloc(size);
  if (stack == NULL) return -1;
  int flags = SIGCHLD | (in_this_memory ? CLONE_VM | CLONE_VFORK : 0);
  int child = clone(sleep_for, stack + size, flags, (void *)(long)seconds);
  // Where the child has a copy, this one is not needed; else it has ended.
  free(stack);
  return child;
}

int csandbox_vfork(void) {
  pid_t child = vfork();
  if (child == 0) {
    sleep(0);
    execl("/nonexistent", "nonexistent", NULL);
    _exit(7);
  }
  int status;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
