// What the loads have in common that count exactly: they and who started them take turns by lines. PROGRAM is the name that they
// say, AWAITED what they wait for.
//
// When all connections are open and warm, and nothing is under way, a load prints "ready" and waits for a line. Then it asks, for
// as long as it was told, and waits for the answers to all that it has asked, prints what it saw, and waits for another line before
// it closes. So what the server does between the first line and the last is requests and nothing else, and each that it
// worked for is counted.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#ifndef FROM_ONE
#define FROM_ONE 10000 // connections from one address, of the 28,232 that the usual range of ports allows
#endif

enum {
  patience = 10,       // seconds that an answer may take
  opened_at_once = 64, // fewer than any backlog, so that no connection waits a second for its second attempt
  events_at_once = 256,
  steps = 128,         // of a histogram in each power of two: within a hundredth
  slots = 40 * steps,
};

static long histogram[slots], recorded;
// Connections, those of them that have asked and not been answered, and what has been answered since a run began.
static int epoll, count, under_way;
static long exchanges;

// The load's own: asks by one of the connections; takes what an event of one brings, and asks again unless it is the last.
struct connection;
static void ask_by(int number);
static void receive(struct connection *connection, int is_last);

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", PROGRAM, what, errno ? strerror(errno) : "failed");
  exit(1);
}

static int64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void record(int64_t us) {
  uint64_t value = us < 0 ? 0 : (uint64_t)us;
  unsigned power = value < 2 * steps ? 0 : 56u - (unsigned)__builtin_clzll(value);
  size_t slot = power * steps + (size_t)(value >> power);
  histogram[slot < slots ? slot : slots - 1]++;
  recorded++;
}

static void forget_all(void) {
  memset(histogram, 0, sizeof histogram);
  recorded = 0;
}

// The time, in µs, that `part` of all were not above.
static int64_t percentile(double part) {
  long wanted = (long)(part * (double)recorded), seen = 0;
  for (size_t slot = 0; slot < slots; slot++) {
    seen += histogram[slot];
    if (seen > wanted || seen == recorded) {
      size_t power = slot < 2 * steps ? 0 : slot / steps - 1;
      return (int64_t)(slot - power * steps) << power;
    }
  }
  return 0;
}

static void report(const char *what, long count, int64_t us) {
  printf("%s %ld seconds %.6f p50 %ld p99 %ld p999 %ld\n", what, count, (double)us / 1e6, (long)percentile(0.5),
         (long)percentile(0.99), (long)percentile(0.999));
  fflush(stdout);
}

static void await_line(void) {
  for (int byte = getchar(); byte != '\n' && byte != EOF; byte = getchar()) continue;
}

static void allow_descriptors(int count) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < (rlim_t)count + 16) {
    fprintf(stderr, "%s: the limit of descriptors is %ld\n", PROGRAM, (long)limit.rlim_max);
    exit(1);
  }
}

// A connection that blocks, for at most `patience`. The loopback has more than one address: those after the first
// `FROM_ONE` come from the next.
static int connect_to(int port, int number) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / FROM_ONE))};
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct timeval time = {.tv_sec = patience};
  int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  if (number >= FROM_ONE && bind(descriptor, (struct sockaddr *)&own, sizeof own) < 0) fail("bind");
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  return descriptor;
}

// At its end the connection is gone at once, and its port can be had again: there are many.
static void leaves_no_trace(int descriptor) {
  struct linger none = {.l_onoff = 1};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

// Asks for so long, and waits for all answers. How long that took.
static int64_t run(double seconds) {
  forget_all();
  exchanges = 0;
  int64_t begin = now_us(), end = begin + (int64_t)(seconds * 1e6);
  for (int i = 0; i < count; i++) ask_by(i);
  while (under_way > 0) {
    struct epoll_event ready[events_at_once];
    int found = epoll_wait(epoll, ready, events_at_once, patience * 1000);
    if (found < 0 && errno == EINTR) continue;
    if (found == 0) errno = ETIMEDOUT;
    if (found <= 0) fail("waiting for " AWAITED);
    int is_last = now_us() >= end;
    for (int i = 0; i < found; i++) receive(ready[i].data.ptr, is_last);
  }
  return now_us() - begin;
}

// Warms up, and counts what is asked when told to; `what` it counts.
static void take_turns(double warm, double seconds, const char *what) {
  if (warm > 0) run(warm);
  printf("ready\n");
  fflush(stdout);
  await_line();
  int64_t took = run(seconds);
  report(what, exchanges, took);
  await_line();
}
