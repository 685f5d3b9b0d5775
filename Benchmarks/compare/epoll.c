// The ceiling: a server on raw epoll that answers without looking at the request.
//
// One thread, level-triggered. A readable connection costs one recv and one send, a batch of up to 256 of
// them one epoll_wait; nothing is parsed, allocated, logged or timed out. What an HTTP server on one core adds to
// this is its own cost; what is in here is the kernel's.
//
//     epoll PORT [--close] [--delay MS] [--work US] [--workers N] [--times N] [--response FILE]
//
// --close          close after each answer, as a client that speaks HTTP/1.0 (ab without -k) expects
// --delay MS       answer MS milliseconds after the request came: the floor for a handler that sleeps
// --work US        compute for US microseconds before each answer
// --workers N      N processes accept from one listening socket, each one connection at a time, so that none takes them all
// --times N        answer N times to what came at once: for so many requests in a batch
// --response FILE  send these bytes, so that the ceiling sends exactly what its partner sends
//
// It takes one recv for one request: right for ab, hey and wrk; a batch must come whole, and --times say how many it is.

#define _GNU_SOURCE
#define PROGRAM "epoll"
#include "ceiling.h"

#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { batch = 256, most_descriptors = 65536, most_waiting = 65536 };

static int close_after, has_others;
static int64_t delay; // ns
static int64_t work;  // ns

// Answers that wait for their time. The delay is the same for all, so the queue is in order of time: a ring.
struct waiting {
  int64_t due;
  int descriptor;
  unsigned generation;
};
static struct waiting ring[most_waiting];
static unsigned first, end; // indices that only grow; the slot is the index modulo the ring's size

// Counts the closes of a descriptor: an answer whose connection went away must not reach the next with its number.
static unsigned generations[most_descriptors];

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void drop(int descriptor) {
  generations[descriptor]++;
  close(descriptor); // leaves the epoll set by itself
}

static void answer(int descriptor) {
  ssize_t sent = send(descriptor, response, response_length, MSG_NOSIGNAL);
  if (close_after || sent != (ssize_t)response_length) drop(descriptor);
}

static void answer_later(int descriptor) {
  if (end - first == most_waiting) {
    fprintf(stderr, "epoll: more than %d answers wait\n", most_waiting);
    exit(1);
  }
  ring[end++ % most_waiting] = (struct waiting){now() + delay, descriptor, generations[descriptor]};
}

// Sends what is due and returns how long epoll_wait may wait for the next, in ms; -1 for ever.
static int answer_due(void) {
  if (first == end) return -1;
  int64_t time = now();
  while (first != end) {
    struct waiting *next = &ring[first % most_waiting];
    if (next->due > time) return (int)((next->due - time + 999999) / 1000000);
    first++;
    if (generations[next->descriptor] == next->generation) answer(next->descriptor);
  }
  return -1;
}

static void accept_some(int epoll, int listener) {
  for (int more = 1; more; more = !has_others) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN) return;
      fail("accept4");
    }
    if (descriptor >= most_descriptors) {
      close(descriptor);
      continue;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
  }
}

static void receive(int descriptor) {
  char buffer[16384];
  ssize_t received = recv(descriptor, buffer, sizeof buffer, 0);
  if (received > 0) {
    for (int64_t begin = work ? now() : 0; work && now() - begin < work;) continue;
    if (delay) answer_later(descriptor);
    else answer(descriptor);
  } else if (received == 0 || (errno != EAGAIN && errno != EINTR)) {
    drop(descriptor);
  }
}

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: epoll PORT [--close] [--delay MS] [--work US] [--workers N] [--times N] [--response FILE]\n");
  exit(2);
}

// The processes besides this one end with it.
static void start_others(int number) {
  pid_t parent = getpid();
  while (--number > 0) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) exit(0);
    return;
  }
}

int main(int count, char **arguments) {
  int port = 0;
  int workers = 1, times = 1;
  const char *file = NULL;
  for (int i = 1; i < count; i++) {
    if (!strcmp(arguments[i], "--close")) close_after = 1;
    else if (!strcmp(arguments[i], "--delay") && i + 1 < count) delay = atoi(arguments[++i]) * INT64_C(1000000);
    else if (!strcmp(arguments[i], "--work") && i + 1 < count) work = atoi(arguments[++i]) * INT64_C(1000);
    else if (!strcmp(arguments[i], "--workers") && i + 1 < count) workers = atoi(arguments[++i]);
    else if (!strcmp(arguments[i], "--times") && i + 1 < count) times = atoi(arguments[++i]);
    else if (!strcmp(arguments[i], "--response") && i + 1 < count) file = arguments[++i];
    else if (!port) port = atoi(arguments[i]);
    else usage();
  }
  if (port <= 0 || port > 65535 || delay < 0 || work < 0 || workers < 1 || workers > 64 || times < 1) usage();

  has_others = workers > 1;
  if (file) {
    read_response(file);
  } else {
    response_length = (size_t)snprintf(
      response, sizeof response, HEAD "%s\r\nHello World!", close_after ? "Connection: close\r\n" : "");
  }

  if (response_length * (size_t)times > sizeof response) usage();
  for (int i = 1; i < times; i++) memcpy(response + (size_t)i * response_length, response, response_length);
  response_length *= (size_t)times;

  allow_descriptors(most_descriptors);

  int listener = listen_on(port, SOCK_NONBLOCK);
  start_others(workers);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) fail("epoll_ctl");
  fprintf(stderr, "Listening at: http://127.0.0.1:%d\n", port);

  struct epoll_event events[batch];
  for (;;) {
    int ready = epoll_wait(epoll, events, batch, answer_due());
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd == listener) accept_some(epoll, listener);
      else receive(events[i].data.fd);
    }
  }
}
