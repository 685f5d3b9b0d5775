// The load for WebSocket echoes (RFC 6455): each connection sends a masked text message, waits until all of its echo is back,
// and sends the next.
//
//     frames PORT PATH CONNECTIONS BYTES SECONDS
//
// PATH is where the handshake asks; with - there is none, for the ceiling, which answers each message with constant bytes.
// A message has 1 to 125 bytes. Half a second of warming up is not counted; "started" is printed after it, and at the end
// "messages N seconds S". Exits with 1 when an echo is not what was sent, a connection ends, or nothing comes for ten seconds.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { most_connections = 4096, most_bytes = 125, batch = 256, patience = 10000 /* ms */ };

static struct connection {
  int descriptor;
  size_t received;
} connections[most_connections];

static unsigned char frame[2 + 4 + most_bytes], echo[2 + most_bytes];
static size_t frame_length, echo_length;
static long messages;

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "frames: %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// A whole text message in one frame, masked (section 5.2), and the same from a server.
static void make_frames(size_t bytes) {
  static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  frame[0] = echo[0] = 0x81;
  frame[1] = (unsigned char)(0x80 | bytes);
  echo[1] = (unsigned char)bytes;
  memcpy(frame + 2, mask, 4);
  for (size_t i = 0; i < bytes; i++) {
    echo[2 + i] = (unsigned char)('a' + i % 26);
    frame[6 + i] = echo[2 + i] ^ mask[i % 4];
  }
  frame_length = 6 + bytes;
  echo_length = 2 + bytes;
}

static void send_message(struct connection *connection) {
  connection->received = 0;
  if (send(connection->descriptor, frame, frame_length, MSG_NOSIGNAL) != (ssize_t)frame_length) fail("send");
}

static void receive(struct connection *connection) {
  unsigned char bytes[sizeof echo];
  ssize_t count = recv(connection->descriptor, bytes, echo_length - connection->received, 0);
  if (count <= 0) fail("recv");
  errno = 0;
  if (memcmp(bytes, echo + connection->received, (size_t)count) != 0) fail("not the echo of what was sent");
  connection->received += (size_t)count;
  if (connection->received < echo_length) return;
  messages++;
  send_message(connection);
}

// The handshake of section 4.1, with the RFC's own key.
static void upgrade(int descriptor, const char *path) {
  char text[4096];
  int length = snprintf(
    text, sizeof text,
    "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    path);
  if (send(descriptor, text, (size_t)length, MSG_NOSIGNAL) != length) fail("send");
  size_t got = 0;
  do {
    ssize_t count = recv(descriptor, text + got, sizeof text - 1 - got, 0);
    if (count <= 0) fail("the handshake");
    text[got += (size_t)count] = 0;
  } while (!strstr(text, "\r\n\r\n"));
  errno = 0;
  if (strncmp(text, "HTTP/1.1 101", 12) != 0) fail("the server does not speak WebSocket there");
}

static void open_all(int epoll, int port, const char *path, int count) {
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1;
  for (int i = 0; i < count; i++) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (strcmp(path, "-") != 0) upgrade(descriptor, path);
    connections[i].descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
  }
}

int main(int argument_count, char **arguments) {
  int port = argument_count == 6 ? atoi(arguments[1]) : 0, count = port ? atoi(arguments[3]) : 0;
  int bytes = port ? atoi(arguments[4]) : 0;
  if (port <= 0 || port > 65535 || count < 1 || count > most_connections || bytes < 1 || bytes > most_bytes) {
    fprintf(stderr, "usage: frames PORT PATH CONNECTIONS BYTES SECONDS\n");
    return 2;
  }
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  make_frames((size_t)bytes);
  open_all(epoll, port, arguments[2], count);
  for (int i = 0; i < count; i++) send_message(&connections[i]);

  double start = now() + 0.5, end = start + atof(arguments[5]);
  long before = -1;
  for (double time = 0; time < end; time = now()) {
    struct epoll_event ready[batch];
    int found = epoll_wait(epoll, ready, batch, patience);
    errno = found == 0 ? ETIMEDOUT : errno;
    if (found <= 0) fail("waiting for echoes");
    for (int i = 0; i < found; i++) receive(ready[i].data.ptr);
    if (before < 0 && now() >= start) {
      before = messages;
      start = now();
      printf("started\n");
      fflush(stdout);
    }
  }
  printf("messages %ld seconds %.3f\n", messages - before, now() - start);
  return 0;
}
