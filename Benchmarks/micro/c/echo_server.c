// The ceiling for an echo server on one core: raw epoll, level-triggered, one recv and one send a message.
//
//     echo_server BYTES     prints "port N" and runs until it is ended

#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256 };

static int events;

static void watch(int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  if (epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

static void echo(int descriptor, char *buffer, size_t room) {
  ssize_t count = recv(descriptor, buffer, room, 0);
  if (count <= 0) {
    close(descriptor);
  } else if (send(descriptor, buffer, (size_t)count, MSG_NOSIGNAL) != count) {
    // A message is far smaller than the kernel's buffer, and a client has one under way.
    fail("send");
  }
}

int main(int argument_count, char **arguments) {
  size_t bytes = (size_t)count_argument(argument_count, arguments);
  char *buffer = malloc(bytes);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 128) != 0) fail("bind");
  getsockname(listener, (struct sockaddr *)&address, &length);
  events = epoll_create1(0);
  watch(listener);
  show("port", ntohs(address.sin_port));
  for (;;) {
    struct epoll_event ready[BATCH];
    int count = epoll_wait(events, ready, BATCH, -1);
    for (int i = 0; i < count; i++) {
      if (ready[i].data.fd != listener) {
        echo(ready[i].data.fd, buffer, bytes);
        continue;
      }
      int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (accepted < 0) continue;
      setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(accepted);
    }
  }
}
