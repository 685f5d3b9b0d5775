// wait(2), waitpid, waitid, wait3(2), wait4: the fiber waits for its child by a pidfd, or where there is no one child or
// more than its end to wait for, by a thread that looks and takes nothing (looking.c). The status itself is always taken by the
// real call, which then does not wait.

#define FAMILY GREEN_PROCESSES
#include "redirect.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

REAL(wait)
REAL(waitpid)
REAL(waitid)
REAL(wait3)
REAL(wait4)

// ---- Waiting without taking ---------------------------------------------------------------------------------------

// A child that is traced stops, of which nothing but the call tells. It asks for that itself soon after its start, or has become
// so by a call of this process: in between, nobody looks.
#define FIRST_LOOK 16000000
#define LOOKS 7

static int64_t next_look(unsigned *looks) {
  if (credirect_is_tracing()) return deadline_after(FIRST_LOOK);
  return *looks < LOOKS ? deadline_after((int64_t)FIRST_LOOK << (*looks)++) : NEVER;
}

// Until it is readable, or time to look: 0 or an errno.
static int wait_for_end(const credirect_table *table, int fd, unsigned *looks) {
  int error = table->wait_descriptor(fd, POLLIN, next_look(looks));
  return error == EAGAIN ? 0 : error;
}

static int wait_for_child(const credirect_table *table, pid_t pid, unsigned *looks) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return errno;
  int error = wait_for_end(table, fd, looks);
  close(fd);
  return error;
}

// 0 to look again, else an errno.
static int wait_for_change(const credirect_table *table, idtype_t type, id_t id, int options, unsigned *looks) {
  bool is_end = (options & (WSTOPPED | WCONTINUED)) == 0;
  if (type == P_PID && is_end) {
    int error = wait_for_child(table, (pid_t)id, looks);
    // No descriptor to be had, or a kernel without them.
    bool has_none = error == EMFILE || error == ENFILE || error == ENOSYS || error == ENOMEM || error == EINVAL;
    if (!has_none) return error == ESRCH ? 0 : error;
  }
  if (type == (idtype_t)P_PIDFD && is_end) return wait_for_end(table, (int)id, looks);
  int error = credirect_look_for_change(table, type, id, options);
  if (error == 0 || error == ECANCELED || error == ETIMEDOUT) return error;
  // No thread either: now and then.
  return table->sleep_until(deadline_after(10000000));
}

// ---- The calls ----------------------------------------------------------------------------------------------------

// waitpid's way to say which children.
static idtype_t type_of(pid_t pid, id_t *id) {
  *id = pid > 0 ? (id_t)pid : pid < -1 ? (id_t)-pid : 0;
  return pid > 0 ? P_PID : pid == -1 ? P_ALL : P_PGID;
}

// __WNOTHREAD asks for the children of this very thread, which no other can look at.
static bool is_plain(const credirect_table *table, int options) {
  return table == NULL || (options & (WNOHANG | __WNOTHREAD)) != 0;
}

static pid_t wait_in_fiber(const credirect_table *table, pid_t pid, int *status, int options,
                           struct rusage *usage) {
  id_t id;
  idtype_t type = type_of(pid, &id);
  // P_PGID with 0 is the caller's own group since Linux 5.4.
  unsigned looks = 0;
  int events = WEXITED | ((options & WUNTRACED) != 0 ? WSTOPPED : 0) | (options & ~WUNTRACED);
  for (;;) {
    pid_t result = real_wait4()(pid, status, options | WNOHANG, usage);
    if (result != 0) return result;
    int error = wait_for_change(table, type, id, events, &looks);
    if (error != 0) return fail(error);
  }
}

WAITS(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options)) {
  const credirect_table *table = fiber_table();
  if (is_plain(table, options)) return real_waitpid()(pid, status, options);
  return wait_in_fiber(table, pid, status, options, NULL);
}

WAITS(pid_t, wait, (int *status), (status)) {
  const credirect_table *table = fiber_table();
  return table == NULL ? real_wait()(status) : wait_in_fiber(table, -1, status, 0, NULL);
}

WAITS(pid_t, wait4, (pid_t pid, int *status, int options, struct rusage *usage), (pid, status, options, usage)) {
  const credirect_table *table = fiber_table();
  if (is_plain(table, options)) return real_wait4()(pid, status, options, usage);
  return wait_in_fiber(table, pid, status, options, usage);
}

WAITS(pid_t, wait3, (int *status, int options, struct rusage *usage), (status, options, usage)) {
  const credirect_table *table = fiber_table();
  if (is_plain(table, options)) return real_wait3()(status, options, usage);
  return wait_in_fiber(table, -1, status, options, usage);
}

WAITS(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options), (type, id, info, options)) {
  const credirect_table *table = fiber_table();
  if (is_plain(table, options)) return real_waitid()(type, id, info, options);
  // With a descriptor that was told not to block the kernel says EAGAIN: waitid(2), P_PIDFD.
  if (type == (idtype_t)P_PIDFD && credirect_is_nonblocking((int)id)) return real_waitid()(type, id, info, options);
  unsigned looks = 0;
  for (;;) {
    siginfo_t found;
    memset(&found, 0, sizeof found);
    if (real_waitid()(type, id, &found, options | WNOHANG) != 0) return -1;
    if (found.si_pid != 0) {
      if (info != NULL) *info = found;
      return 0;
    }
    int error = wait_for_change(table, type, id, options, &looks);
    if (error != 0) return fail(error);
  }
}

ALIAS(wait, __wait)
ALIAS(waitpid, __waitpid)
