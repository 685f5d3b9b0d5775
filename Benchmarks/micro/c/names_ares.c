// Names looked up at once by c-ares itself, on one channel, with poll.

#include "bench.h"

#include <ares.h>
#include <netdb.h>
#include <poll.h>

static long answered, failed;

static void done(void *argument, int status, int timeouts, struct ares_addrinfo *result) {
  (void)argument, (void)timeouts;
  if (status == ARES_SUCCESS) answered++;
  else failed++;
  ares_freeaddrinfo(result);
}

// Waits for the channel's sockets and lets it read what has come.
static void turn(ares_channel channel) {
  ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
  struct pollfd entries[ARES_GETSOCK_MAXNUM];
  int wanted = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM), used = 0;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
    short events = (short)((ARES_GETSOCK_READABLE(wanted, i) ? POLLIN : 0) |
                           (ARES_GETSOCK_WRITABLE(wanted, i) ? POLLOUT : 0));
    if (events) entries[used++] = (struct pollfd){.fd = sockets[i], .events = events};
  }
  struct timeval most = {.tv_sec = 1}, rest;
  ares_timeout(channel, &most, &rest);
  poll(entries, (nfds_t)used, (int)(rest.tv_sec * 1000 + rest.tv_usec / 1000 + 1));
  for (int i = 0; i < used; i++) {
    ares_process_fd(channel, entries[i].revents & POLLIN ? entries[i].fd : ARES_SOCKET_BAD,
                    entries[i].revents & POLLOUT ? entries[i].fd : ARES_SOCKET_BAD);
  }
  if (used == 0) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

int main(int argument_count, char **arguments) {
  long count = count_argument(argument_count, arguments);
  ares_channel channel;
  // A thousand answers come at once, and one that finds no room is asked for again after five seconds.
  struct ares_options options = {.socket_receive_buffer_size = 4 * 1024 * 1024};
  if (ares_library_init(ARES_LIB_INIT_ALL) != 0) fail("c-ares");
  if (ares_init_options(&channel, &options, ARES_OPT_SOCK_RCVBUF) != 0) fail("c-ares");
  int64_t start = nanoseconds();
  for (long i = 0; i < count; i++) {
    char name[64];
    snprintf(name, sizeof name, "host%ld.bench.test", i);
    struct ares_addrinfo_hints hints = {.ai_socktype = SOCK_STREAM};
    ares_getaddrinfo(channel, name, "80", &hints, done, NULL);
  }
  while (answered + failed < count) turn(channel);
  show("ms", (double)(nanoseconds() - start) * 1e-6);
  show("answered", (double)answered);
  return 0;
}
