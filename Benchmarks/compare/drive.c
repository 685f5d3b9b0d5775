// A keep-alive client that makes an exact number of requests, for counting what each one costs the server.
//
//     drive PORT PATH CONNECTIONS REQUESTS [FIELDS]
//
// FIELDS are field lines besides Host, each with its line end.
//
// It opens its connections, makes one request on each so that the server knows them, prints "connected" and waits for
// a line on standard input (or its end). Then it makes exactly REQUESTS requests over those connections, one at a time
// on each, prints what it saw as "requests N failures N seconds S", and waits for another line before it closes.
// Between the two lines the server's work is requests and nothing else: no accept, no close.
//
// Answers must carry Content-Length. Exits with 1 when an answer is not 200, a connection ends, or nothing comes for
// ten seconds.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 1024, patience = 10000 /* ms */ };

static char request[4096];
static size_t request_length;
static long requests, failures;

struct connection {
  int descriptor;
  size_t length;
  char buffer[16384];
};
static struct connection *connections;
static int count, epoll;

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "drive: %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(1);
}

static void ask(struct connection *connection) {
  if (send(connection->descriptor, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
}

// The whole answer's length, or 0 while its head is incomplete.
static size_t answer_length(struct connection *connection) {
  char *head_end = memmem(connection->buffer, connection->length, "\r\n\r\n", 4);
  if (!head_end) return 0;
  connection->buffer[connection->length] = 0;
  char *field = strcasestr(connection->buffer, "\r\ncontent-length:");
  if (!field || field > head_end) {
    errno = 0;
    fail("an answer without Content-Length");
  }
  return (size_t)(head_end + 4 - connection->buffer) + strtoul(field + 17, NULL, 10);
}

// Reads what came; true when it completes the answer.
static int receive(struct connection *connection) {
  size_t room = sizeof connection->buffer - 1 - connection->length;
  ssize_t received = recv(connection->descriptor, connection->buffer + connection->length, room, 0);
  if (received <= 0) {
    if (received == 0) errno = 0;
    fail("the server closed a connection, recv");
  }
  connection->length += (size_t)received;
  size_t whole = answer_length(connection);
  if (whole >= sizeof connection->buffer) {
    errno = EMSGSIZE;
    fail("an answer");
  }
  if (whole == 0 || connection->length < whole) return 0;
  if (strncmp(connection->buffer, "HTTP/1.1 200", 12) || connection->length != whole) failures++;
  connection->length = 0;
  return 1;
}

static void make(long wanted) {
  requests = 0;
  long asked = 0;
  for (int i = 0; i < count && asked < wanted; i++, asked++) ask(&connections[i]);
  while (requests < wanted) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, patience);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      errno = ready == 0 ? ETIMEDOUT : errno;
      fail("waiting for answers");
    }
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      if (!receive(connection)) continue;
      requests++;
      if (asked < wanted) {
        asked++;
        ask(connection);
      }
    }
  }
}

static void open_all(int port) {
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int i = 0; i < count; i++) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[i].descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
  }
}

static void wait_for_line(void) {
  int c;
  while ((c = getchar()) != EOF && c != '\n') {}
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argument_count, char **arguments) {
  if (argument_count != 5 && argument_count != 6) {
    fprintf(stderr, "usage: drive PORT PATH CONNECTIONS REQUESTS [FIELDS]\n");
    return 2;
  }
  int port = atoi(arguments[1]);
  count = atoi(arguments[3]);
  long wanted = atol(arguments[4]);
  if (port <= 0 || port > 65535 || count <= 0 || count > most_connections || wanted <= 0) {
    fprintf(stderr, "drive: 1 to %d connections, at least 1 request\n", most_connections);
    return 2;
  }
  request_length = (size_t)snprintf(
    request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", arguments[2], port,
    argument_count > 5 ? arguments[5] : "");
  if (request_length >= sizeof request) {
    fprintf(stderr, "drive: the path and the fields are too long\n");
    return 2;
  }
  connections = calloc((size_t)count, sizeof *connections);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (!connections || epoll < 0) fail("starting");

  open_all(port);
  make(count); // one on each connection
  printf("connected\n");
  fflush(stdout);
  wait_for_line();

  double start = seconds();
  make(wanted);
  printf("requests %ld failures %ld seconds %.3f\n", requests, failures, seconds() - start);
  fflush(stdout);
  wait_for_line();
  return failures ? 1 : 0;
}
