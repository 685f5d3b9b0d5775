#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stddef.h>

// Makes this process one that older kernels, sandboxes and administrators would have made of it.

// From now on memfd_create(2) fails with EPERM, as strict containers have it. -1 where that cannot be had.
int csandbox_without_memfd(void);
// The same of timerfd_create(2).
int csandbox_without_timerfd(void);

// From now on no process descriptor (pidfd_open(2), CLONE_PIDFD) and no close_range(2), for this process and its
// children: seccomp(2). 0, or -1 with errno.
int csandbox_without_process_descriptors(void);
// From now on at most this many inotify watches and instances: a user namespace of its own. 0, or -1 with errno where
// that is not allowed. The process must have one thread.
int csandbox_limit_inotify(int watches, int instances);

// From now on the allocator keeps one arena for all threads: malloc(3)'s count is then of everything.
void csandbox_use_one_arena(void);
// Bytes that the allocator has given out: mallinfo2(3), glibc 2.33.
size_t csandbox_memory_in_use(void);

// fork(2) as pthread_atfork hears nothing of it: "_Fork", "clone" and "clone3" and "syscall" and "vfork" by syscall(2), or
// "instruction". The child's number, and 0 in the child.
int csandbox_fork(const char *how);
// A child by clone(2) that sleeps and ends with status 3: its number. In this process's memory it is waited for, as by vfork.
int csandbox_clone(unsigned seconds, int in_this_memory);
// The status of a child by vfork(2) whose exec fails: 7.
int csandbox_vfork(void);

#endif
