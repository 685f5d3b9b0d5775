// Several that wait at once: threads in one world, fibers in the other.

#include "differential.h"

#include <poll.h>
#include <sys/socket.h>

#define MOST 8

struct waiter {
  int fd, which;
  long result;
  char bytes[8];
};

static void wait_for_byte(void *context) {
  struct waiter *waiter = context;
  if (waiter->which == 0) waiter->result = read(waiter->fd, waiter->bytes, 1);
  if (waiter->which == 1) waiter->result = recv(waiter->fd, waiter->bytes, 1, 0);
  if (waiter->which == 2) {
    struct pollfd entry = {waiter->fd, POLLIN, 0};
    waiter->result = poll(&entry, 1, 2000);
  }
}

static void several(struct run *run) {
  int ends[2];
  make_ends((enum kind)run->a, ends);
  struct waiter waiters[MOST];
  void *spawned[MOST];
  for (int i = 0; i < run->c; i++) {
    waiters[i] = (struct waiter){ends[0], run->b, -5, ""};
    spawned[i] = run->world->spawn(wait_for_byte, &waiters[i]);
  }
  struct later first = {20, send_bytes, ends[1], 0, "a", 1, 0, 0, 0}, rest = {40, send_bytes, ends[1], 0, "bcdefgh", 0,
                                                                             0, 0, 0};
  rest.count = (size_t)run->c - 1;
  start_later(&first);
  if (run->b != 2) start_later(&rest);
  long total = 0;
  int letters = 0;
  for (int i = 0; i < run->c; i++) {
    run->world->join(spawned[i]);
    total += waiters[i].result;
    if (waiters[i].bytes[0] != 0) letters |= 1 << (waiters[i].bytes[0] - 'a');
  }
  note(run, "%ld of %d, letters %#x\n", total, run->c, (unsigned)letters);
  end_later(&first);
  if (run->b != 2) end_later(&rest);
  close_ends(ends);
}

struct pump {
  int in, out;
  long total;
};

static void copy(void *context) {
  struct pump *pump = context;
  char buffer[5000];
  ssize_t count;
  while ((count = read(pump->in, buffer, sizeof buffer)) > 0) {
    if (write(pump->out, buffer, (size_t)count) != count) break;
    pump->total += count;
  }
  shutdown(pump->out, SHUT_WR);
  close(pump->out);
}

static void produce(void *context) {
  struct pump *pump = context;
  static const char bytes[7000];
  for (int i = 0; i < 100; i++) pump->total += write(pump->out, bytes, sizeof bytes);
  shutdown(pump->out, SHUT_WR);
  close(pump->out);
}

// One writes, another copies, and this reads: each is slower than what comes in.
static void chain(struct run *run) {
  int first[2], second[2];
  make_ends((enum kind)run->a, first);
  make_ends((enum kind)run->a, second);
  for (int i = 0; i < 2 && run->a != PIPE; i++) {
    set_timeout(first[i], SO_RCVTIMEO, 20000);
    set_timeout(second[i], SO_RCVTIMEO, 20000);
  }
  struct pump source = {-1, first[1], 0}, copier = {first[0], second[1], 0};
  void *one = run->world->spawn(produce, &source), *other = run->world->spawn(copy, &copier);
  long total = 0;
  char buffer[3000];
  ssize_t count;
  while ((count = read(second[0], buffer, sizeof buffer)) > 0) total += count;
  run->world->join(one);
  run->world->join(other);
  note(run, "%ld %ld %ld\n", source.total, copier.total, total);
  close(first[0]);
  close(second[0]);
}

void add_waiters(void) {
  static const char *const names[] = {"read", "recv", "poll"};
  for (int kind = 0; kind < KINDS; kind++) {
    if (!is_byte_stream((enum kind)kind)) continue;
    for (int call = 0; call < 3; call++) {
      if (kind == PIPE && call == 1) continue;
      for (int count = 2; count <= MOST; count += 3) {
        add(several, kind, call, count, "%s by %d at once on %s", names[call], count, kind_names[kind]);
      }
    }
    add(chain, kind, 0, 0, "a chain of %ss", kind_names[kind]);
  }
}
