// The load for the echo servers: each connection sends a message, waits until all of it is back, and sends the next.
//
//     echo_client PORT CONNECTIONS BYTES SECONDS
//
// Half a second of warming up is not counted. What comes back is compared with what was sent.

#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, MOST_BYTES = 65536, BATCH = 256 };

static struct connection {
  int descriptor;
  size_t received;
} connections[MOST_CONNECTIONS];

static char message[MOST_BYTES], answer[MOST_BYTES];
static size_t bytes;
static long trips;

static void send_message(struct connection *connection) {
  connection->received = 0;
  if (send(connection->descriptor, message, bytes, MSG_NOSIGNAL) != (ssize_t)bytes) fail("send");
}

static void receive(struct connection *connection) {
  ssize_t count = recv(connection->descriptor, answer, bytes - connection->received, 0);
  if (count <= 0) fail("recv");
  if (memcmp(answer, message + connection->received, (size_t)count) != 0) fail("not what was sent came back");
  connection->received += (size_t)count;
  if (connection->received < bytes) return;
  trips++;
  send_message(connection);
}

int main(int argument_count, char **arguments) {
  if (argument_count != 5) return fprintf(stderr, "usage: echo_client PORT CONNECTIONS BYTES SECONDS\n"), 2;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1])),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int count = atoi(arguments[2]), on = 1;
  bytes = (size_t)atoi(arguments[3]);
  double seconds = atof(arguments[4]);
  if (count < 1 || count > MOST_CONNECTIONS || bytes < 1 || bytes > MOST_BYTES) return 2;
  for (size_t i = 0; i < bytes; i++) message[i] = (char)(i * 7);

  int events = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    connections[i].descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connections[i].descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(connections[i].descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    if (epoll_ctl(events, EPOLL_CTL_ADD, connections[i].descriptor, &event) != 0) fail("epoll_ctl");
  }
  for (int i = 0; i < count; i++) send_message(&connections[i]);

  int64_t start = nanoseconds() + 500 * 1000 * 1000, end = start + (int64_t)(seconds * 1e9);
  long before = 0;
  for (int64_t now = 0; now < end;) {
    struct epoll_event ready[BATCH];
    int found = epoll_wait(events, ready, BATCH, 1000);
    if (found == 0) fail("no answer for a second");
    for (int i = 0; i < found; i++) receive(ready[i].data.ptr);
    now = nanoseconds();
    if (before == 0 && now >= start) {
      before = trips;
      start = now;
      show("started", 1);  // the harness reads the server's CPU time now, and again at the end
    }
  }
  show("trips", (double)(trips - before));
  show("per_s", (double)(trips - before) * 1e9 / (double)(nanoseconds() - start));
  return 0;
}
