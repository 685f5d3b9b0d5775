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
