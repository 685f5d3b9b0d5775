#define _GNU_SOURCE

#include "cprocess_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int cprocess_listener_queued(int descriptor) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 ? -1 : (int)info.tcpi_unacked;
}

// As those are that systemd hands over where its unit says Accept=yes.
static int is_connected(int descriptor) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  return getpeername(descriptor, (struct sockaddr *)&peer, &size) == 0;
}

static int number(int descriptor, int option, int *value) {
  socklen_t size = sizeof *value;
  return getsockopt(descriptor, SOL_SOCKET, option, value, &size);
}

int cprocess_listener_is_stream(int descriptor) {
  int type;
  return number(descriptor, SO_TYPE, &type) < 0 ? -1 : type == SOCK_STREAM && !is_connected(descriptor);
}

int cprocess_listener_is_listening(int descriptor) {
  int listening;
  return number(descriptor, SO_ACCEPTCONN, &listening) < 0 ? -1 : listening != 0;
}
