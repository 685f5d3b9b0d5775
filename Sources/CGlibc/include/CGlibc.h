#ifndef CGLIBC_H
#define CGLIBC_H

// The calls of glibc that Swift's Glibc module does not show, since they are declared for _GNU_SOURCE only, as plain
// functions. The header itself must not define _GNU_SOURCE: Swift merges it with its own view of glibc.

#if defined(__swift__) && defined(__linux__)
// The types below are those of Swift's Glibc module, and not this module's as well: which of the two Swift takes them for
// would depend on the order in which files are compiled.
#pragma clang module import SwiftGlibc
#endif

#include <poll.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#include "cglibc_files.h"
#include "cglibc_main_queue.h"
#include "cglibc_sockets.h"
#include "cglibc_streams.h"

// accept4(2): the connection is non-blocking and closed on exec.
int cglibc_accept(int listener, struct sockaddr *address, socklen_t *length);
// socket(2): a stream socket, non-blocking and closed on exec.
int cglibc_stream_socket(int family);
int cglibc_sock_stream(void);
// socket(2): a socket of a type, SOCK_DGRAM or SOCK_STREAM, non-blocking and closed on exec.
int cglibc_socket(int family, int type);
int cglibc_sock_dgram(void);
// Flags for recv(2) and send(2) that never block and never raise SIGPIPE.
int cglibc_receive_flags(void);
int cglibc_send_flags(void);
// The events of poll(2) that mean "something to read", and "room to write".
short cglibc_poll_readable(void);
short cglibc_poll_writable(void);
// ppoll(2) without a signal mask; a NULL timeout waits forever.
int cglibc_ppoll(struct pollfd *descriptors, size_t count, const struct timespec *timeout);
// How many processors the calling thread may use, by sched_getaffinity(2); 1 at least.
int cglibc_available_processors(void);
// timerfd_create(2) by CLOCK_MONOTONIC, non-blocking and closed on exec; it expires once, so many nanoseconds from now.
int cglibc_timerfd(void);
int cglibc_timerfd_set(int timer, int64_t nanoseconds);
// sem_clockwait(3) by CLOCK_MONOTONIC, glibc 2.30.
int cglibc_sem_wait_until(sem_t *semaphore, const struct timespec *deadline);
// Starts a detached thread of that stack size and name (cut to 15 bytes), which blocks every signal but those of faults.
// 0 or an errno, as pthread_create(3).
int cglibc_start_thread(void *(*body)(void *), void *argument, size_t stack_size, const char *name);
// eventfd(2): non-blocking and closed on exec.
int cglibc_event_descriptor(void);
// sigabbrev_np(3): the name without SIG, NULL for a number that has none.
const char *cglibc_signal_name(int signal);
int cglibc_first_realtime_signal(void);
int cglibc_last_realtime_signal(void);
// Of <netdb.h>, for _GNU_SOURCE only.
enum {
  CGLIBC_EAI_ADDRFAMILY = -9,
  CGLIBC_EAI_NODATA = -5,
  CGLIBC_AI_IDN = 0x40,
  CGLIBC_AI_CANONIDN = 0x80,
  CGLIBC_NI_IDN = 32,
};
// malloc_trim(3): whole pages of the heap in which nothing lives go back to the system.
void cglibc_trim_heap(void);

#endif
