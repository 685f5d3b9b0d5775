// An echo server in plain blocking C: one fiber a connection, ten thousand of them on one thread.
//
//     make install PREFIX=$HOME/.local
//     export PKG_CONFIG_PATH=$HOME/.local/lib/pkgconfig
//     cc -O2 Examples/c/echo.c $(pkg-config --cflags --libs green) -Wl,-rpath,$HOME/.local/lib -o echo && ./echo 127.0.0.1 7000
//
// read, write and accept below are libc's. Since the program is linked with libgreen, they wait in the hub.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <green.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void *serve(void *context) {
  int connection = (int)(intptr_t)context;
  char buffer[4096];
  ssize_t count;
  while ((count = read(connection, buffer, sizeof buffer)) > 0) {
    if (write(connection, buffer, (size_t)count) != count) break;
  }
  close(connection);
  return NULL;
}

static void *listen_and_accept(void *context) {
  const char *const *arguments = context;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
  if (inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1) {
    fprintf(stderr, "echo: %s is not an IPv4 address\n", arguments[1]);
    exit(2);
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
    perror("echo");
    exit(1);
  }
  socklen_t length = sizeof address;
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("echo: on port %d; %s\n", ntohs(address.sin_port), green_redirect_explanation());
  fflush(stdout);
  for (;;) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) {
      if (errno != EMFILE && errno != ENFILE) perror("echo: accept");
      green_sleep(10 * GREEN_MILLISECOND);
      continue;
    }
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    green_handle *fiber = green_spawn(serve, (void *)(intptr_t)connection, NULL);
    if (fiber == NULL) close(connection);
    green_detach(fiber);
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: echo ADDRESS PORT\n");
    return 2;
  }
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  signal(SIGPIPE, SIG_IGN);  // a client that has gone is an error of write, and not the end of the server
  int error = green_run(listen_and_accept, arguments, NULL);
  fprintf(stderr, "echo: %s\n", strerror(error));
  return 1;
}
