#ifndef CHAOS_CALLS_H
#define CHAOS_CALLS_H

// The system calls that Green makes, made to fail on purpose: a program that links this has its own `recv`, `send` and
// so on, which inject failures chosen by a seed, and pass on to libc's otherwise. Only on the thread that asked for it.

#include <stdbool.h>
#include <stdint.h>

enum chaos_call {
  CHAOS_RECV,
  CHAOS_SEND,
  CHAOS_RECVMSG,
  CHAOS_SENDMSG,
  CHAOS_RECVFROM,
  CHAOS_SENDTO,
  CHAOS_RECVMMSG,
  CHAOS_SENDMMSG,
  CHAOS_SENDFILE,
  CHAOS_READ,
  CHAOS_WRITE,
  CHAOS_WRITEV,
  CHAOS_PREAD,
  CHAOS_PREADV2,
  CHAOS_PWRITEV2,
  CHAOS_SOCKET,
  CHAOS_SOCKETPAIR,
  CHAOS_PIPE,
  CHAOS_ACCEPT,
  CHAOS_CONNECT,
  CHAOS_GETSOCKOPT,
  CHAOS_CLOSE,
  CHAOS_POLL,
  CHAOS_PPOLL,
  CHAOS_EPOLL_WAIT,
  CHAOS_EPOLL_CTL,
  CHAOS_EPOLL_CREATE,
  CHAOS_EVENTFD,
  CHAOS_MMAP,
  CHAOS_SLEEP,
  CHAOS_CALLS,
};

// How many of a thousand calls go wrong, in which way.
struct chaos_rates {
  // Fails with what only means "again": EINTR, EAGAIN, a connection that was reset in the queue. No caller may notice.
  unsigned passing;
  // Does less than it was asked for.
  unsigned less;
  // Fails with an error that some caller must get to see.
  unsigned failing;
};

// What has happened since the start.
struct chaos_counts {
  uint64_t calls;
  uint64_t passing;
  uint64_t less;
  uint64_t failing;
};

// Forgets rates and counts, and begins a new sequence for the calling thread.
void chaos_start(uint64_t seed);
// From now on the calling thread's calls are libc's; the counts stay.
void chaos_stop(void);
void chaos_set(enum chaos_call call, struct chaos_rates rates);
struct chaos_counts chaos_counted(enum chaos_call call);
// As on a kernel that has no RWF_NOWAIT for pipes, or no RWF_NOSIGNAL.
void chaos_lacks(bool nowait, bool nosignal);

#endif
