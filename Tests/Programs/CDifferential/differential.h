// What the cases share: writing down, pairs of ends, and what happens later on a thread.

#ifndef DIFFERENTIAL_H
#define DIFFERENTIAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "CDifferential.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

struct run {
  char *text;
  size_t length, room;
  const differential_world *world;
  int a, b, c;
};

// Adds a case: `name` tells its three numbers in words.
void add(void (*body)(struct run *), int a, int b, int c, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

void note(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
// What a call returned, with its errno where it failed.
void note_result(struct run *run, const char *call, long result);
void note_bytes(struct run *run, const void *bytes, size_t count);
// That at least so many milliseconds have gone by since `start`, and not very many more.
void note_time(struct run *run, int64_t start, int milliseconds);
int64_t now(void);

// ---- Ends ---------------------------------------------------------------------------------------------------------

enum kind { UNIX_STREAM, UNIX_SEQPACKET, UNIX_DATAGRAM, TCP, UDP, PIPE, KINDS };
extern const char *const kind_names[];

// Two connected ends; of a pipe, the first reads and the second writes. Sockets give up after 300 ms.
void make_ends(enum kind kind, int ends[2]);
void close_ends(int ends[2]);
static inline bool is_socket(enum kind kind) { return kind != PIPE; }
static inline bool is_byte_stream(enum kind kind) { return kind == UNIX_STREAM || kind == TCP || kind == PIPE; }
void set_timeout(int fd, int option, int milliseconds);
void set_nonblocking(int fd);
void note_flags(struct run *run, int fd);

// ---- Later --------------------------------------------------------------------------------------------------------

struct later {
  int milliseconds;
  void (*action)(struct later *);
  int fd, other;
  const void *bytes;
  size_t count;
  long result;
  pthread_t thread, target;
};
// Does the action on a thread of its own, later.
void start_later(struct later *later);
// The same once the one before has done its action: a busy machine may wake one thread before the other. Ends that one.
void start_after(struct later *later, struct later *before);
void end_later(struct later *later);

void send_bytes(struct later *later);      // to fd
void close_fd(struct later *later);        // fd
void shut_down_writing(struct later *later); // of fd
void drain(struct later *later);           // reads fd slowly until its end, or until it has got `count` bytes
void open_other_side(struct later *later); // of the FIFO whose path is in bytes, with the flags in fd; closes it again
void send_signal(struct later *later);     // of the number in fd, to target

#endif
