// What the servers have in common that answer without looking at the request: the answer, and where they listen. PROGRAM is the
// name that they say.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define HEAD \
  "HTTP/1.1 200 OK\r\n" \
  "Server: greenfinch\r\n" \
  "Date: Sun, 22 Nov 2026 09:00:00 GMT\r\n" \
  "Content-Type: text/plain; charset=utf-8\r\n" \
  "Content-Length: 12\r\n"

static char response[65536];
static size_t response_length;

static _Noreturn void fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", PROGRAM, what, strerror(errno));
  exit(1);
}

static void read_response(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  response_length = fread(response, 1, sizeof response, file);
  fclose(file);
}

static void allow_descriptors(rlim_t most) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max < most ? limit.rlim_max : most;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// `flags`: of socket(2), besides the type.
static int listen_on(int port, int flags) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (listener < 0) fail("socket");
  int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Linux hands TCP_NODELAY down to accepted sockets: once here instead of once for each connection.
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
  if (listen(listener, 4096) < 0) fail("listen");
  return listener;
}
