// The load for WebSocket echoes (RFC 6455): each connection sends a masked text message, waits until all of its echo is back,
// and sends the next.
//
//     frames PORT PATH CONNECTIONS BYTES SECONDS
//
// PATH is where the handshake asks; with - there is none, for the ceiling, which answers each message with constant bytes.
// A message has 1 to 125 bytes. After half a second of warming up it takes turns as exact.h says; its last line is
// "messages N seconds S p50 US p99 US p999 US". Exits with 1 when an echo is not what was sent, a connection ends, or nothing
// comes for ten seconds.

#define _GNU_SOURCE
#define PROGRAM "frames"
#define AWAITED "echoes"
#include "exact.h"

enum { most_connections = 4096, most_bytes = 125 };

static struct connection {
  int descriptor;
  size_t received;
  int64_t begin;
} connections[most_connections];

static unsigned char frame[2 + 4 + most_bytes], echo[2 + most_bytes];
static size_t frame_length, echo_length;

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
  connection->begin = now_us();
  under_way++;
  if (send(connection->descriptor, frame, frame_length, MSG_NOSIGNAL) != (ssize_t)frame_length) fail("send");
}

static void ask_by(int number) { send_message(&connections[number]); }

static void receive(struct connection *connection, int is_last) {
  unsigned char bytes[sizeof echo];
  ssize_t got = recv(connection->descriptor, bytes, echo_length - connection->received, 0);
  if (got == 0) errno = 0;
  if (got <= 0) fail("recv");
  errno = 0;
  if (memcmp(bytes, echo + connection->received, (size_t)got) != 0) fail("not the echo of what was sent");
  connection->received += (size_t)got;
  if (connection->received < echo_length) return;
  record(now_us() - connection->begin);
  exchanges++;
  under_way--;
  if (!is_last) send_message(connection);
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

static void open_all(int port, const char *path) {
  for (int i = 0; i < count; i++) {
    int descriptor = connect_to(port, i);
    leaves_no_trace(descriptor);
    if (strcmp(path, "-") != 0) upgrade(descriptor, path);
    connections[i].descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
  }
}

int main(int argument_count, char **arguments) {
  int port = argument_count == 6 ? atoi(arguments[1]) : 0, bytes = port ? atoi(arguments[4]) : 0;
  double seconds = port ? atof(arguments[5]) : 0;
  count = port ? atoi(arguments[3]) : 0;
  if (port <= 0 || port > 65535 || count < 1 || count > most_connections || bytes < 1 || bytes > most_bytes || seconds <= 0) {
    fprintf(stderr, "usage: frames PORT PATH CONNECTIONS BYTES SECONDS\n");
    return 2;
  }
  allow_descriptors(count);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  make_frames((size_t)bytes);
  open_all(port, arguments[2]);
  take_turns(0.5, seconds, "messages");
  return 0;
}
