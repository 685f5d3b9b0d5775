#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define UNLESS(number, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, skip)

int csandbox_without_process_descriptors(void) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      UNLESS(SYS_pidfd_open, 1),
      REFUSE(ENOSYS),
      UNLESS(SYS_pidfd_send_signal, 1),
      REFUSE(ENOSYS),
      UNLESS(SYS_close_range, 1),
      REFUSE(ENOSYS),
      UNLESS(SYS_clone, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_PIDFD, 0, 1),
      REFUSE(EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static int refuse(unsigned call) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      UNLESS(call, 1),
      REFUSE(EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int csandbox_without_memfd(void) { return refuse(SYS_memfd_create); }

int csandbox_without_timerfd(void) { return refuse(SYS_timerfd_create); }

static int set_limit(const char *name, int value) {
  char path[128];
  snprintf(path, sizeof path, "/proc/sys/user/%s", name);
  int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  int failed = dprintf(descriptor, "%d\n", value) < 0;
  close(descriptor);
  return failed ? -1 : 0;
}

int csandbox_limit_inotify(int watches, int instances) {
  if (unshare(CLONE_NEWUSER) != 0) return -1;
  // Unmapped, the process is nobody there, and the files of /proc/sys/user are root's.
  int map = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
  if (map < 0) return -1;
  int failed = write(map, "0 0 1\n", 6) != 6;
  close(map);
  if (failed) return -1;
  return set_limit("max_inotify_watches", watches) != 0 || set_limit("max_inotify_instances", instances) != 0 ? -1 : 0;
}

void csandbox_use_one_arena(void) { mallopt(M_ARENA_MAX, 1); }

size_t csandbox_memory_in_use(void) { return mallinfo2().uordblks; }
