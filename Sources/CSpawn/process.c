// A process that was started, by its number or its descriptor.

#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int cspawn_open(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  (void)pid;
  return -1;
#endif
}

int cspawn_reap(pid_t pid, cspawn_status *status) {
  siginfo_t information = {0};
  while (syscall(SYS_waitid, P_PID, pid, &information, WEXITED | WNOHANG, NULL) < 0) {
    if (errno != EINTR) return -1;
  }
  if (information.si_pid == 0) return 0;
  status->is_signal = information.si_code != CLD_EXITED;
  status->value = information.si_status;
  status->dumped_core = information.si_code == CLD_DUMPED;
  return 1;
}

int cspawn_signal(pid_t pid, int descriptor, int signal) {
#ifdef SYS_pidfd_send_signal
  if (descriptor >= 0) {
    int result = (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
    if (result == 0 || errno != ENOSYS) return result;
  }
#else
  (void)descriptor;
#endif
  return kill(pid, signal);
}
