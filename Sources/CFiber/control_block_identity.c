// set*id(2) in a process whose fibers have control blocks.
//
// glibc makes each of its threads change its identity, by a signal, and waits until each has. Its handler finds the thread
// by the block that is loaded, and several blocks are one thread: so it is shown one that is waited for.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "control_block.h"

#ifdef GREEN_CONTROL_BLOCKS

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

// nptl's SIGSETXID, and SETXID_BITMASK in cancelhandling of struct pthread.
#define IDENTITY_SIGNAL 33
#define IDENTITY_MARK 0x40

// What the kernel knows of a handler: sigaction(3) refuses to tell of this signal.
static struct {
  void (*handler)(int, siginfo_t *, void *);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
} glibc, ours;

static bool is_waited_for(const char *pointer) {
  const char *mark = pointer + cfiber_control_layout.descriptor + cfiber_control_layout.cancelhandling;
  return (__atomic_load_n((const int *)mark, __ATOMIC_RELAXED) & IDENTITY_MARK) != 0;
}

static void change_identity(int signal, siginfo_t *info, void *context) {
  char *loaded = cfiber_thread_pointer();
  cfiber_load_thread_pointer(cfiber_control_find(is_waited_for));
  glibc.handler(signal, info, context);
  cfiber_load_thread_pointer(loaded);
}

bool cfiber_control_follow_identity(void) {
  if (syscall(SYS_rt_sigaction, IDENTITY_SIGNAL, NULL, &glibc, sizeof glibc.mask) != 0) return false;
  if (glibc.handler == NULL) return false;
  ours = glibc;
  ours.handler = change_identity;
  return syscall(SYS_rt_sigaction, IDENTITY_SIGNAL, &ours, NULL, sizeof ours.mask) == 0;
}

#endif
