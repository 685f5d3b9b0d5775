// The load for HTTP/1.1 where connections are many, or a request is not just asked and answered.
//
//     requests PORT PATH CONNECTIONS SECONDS [--batch N] [--fields TEXT] [--close] [--warm SECONDS]
//
// Each connection sends N requests at once (1, or as --batch says), waits until all their answers are there, and sends the next.
// With --close it says so in its one request, reads to the end, and a new connection follows. TEXT has field lines besides
// Host, each with its line end. It warms up for a second, or as --warm says, then takes turns as exact.h says; its last line is
// "requests N seconds S p50 US p99 US p999 US": the time of a request is that of its batch, or from connect to the end.
//
// All answers must be 200 and as long as the first. Exits with 1 where one is not, a connection ends too soon, or nothing
// comes for ten seconds.

#define _GNU_SOURCE
#define PROGRAM "requests"
#define AWAITED "answers"
#include "exact.h"

#include <unistd.h>

enum { most_connections = 60000, most_batch = 64 };

static const char right[] = "HTTP/1.1 200";

static struct connection {
  int descriptor;
  size_t received;
  int64_t begin;
} *connections;

static char request[65536];
static size_t request_length, answer_length, wanted; // of all requests of a batch, of one answer, of all of a batch
static int port, batch = 1;
static int closes;

static void make_request(const char *path, const char *fields) {
  char one[8192];
  int length = snprintf(
    one, sizeof one, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%s\r\n", path, fields, closes ? "Connection: close\r\n" : "");
  if (length < 0 || (size_t)length >= sizeof one || (size_t)(length * batch) > sizeof request) {
    errno = EMSGSIZE;
    fail("the request");
  }
  for (int i = 0; i < batch; i++) memcpy(request + i * length, one, (size_t)length);
  request_length = (size_t)(length * batch);
}

static void watch(struct connection *connection) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->descriptor, &event) < 0) fail("epoll_ctl");
}

static void ask(struct connection *connection) {
  connection->received = 0;
  connection->begin = now_us();
  if (closes) {
    connection->descriptor = connect_to(port, (int)(connection - connections));
    watch(connection);
  }
  if (send(connection->descriptor, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
  under_way++;
}

// What came belongs to answers, each of which begins in the right way.
static void check(const char *bytes, size_t length, size_t before) {
  for (size_t offset = 0; offset < length;) {
    size_t place = (before + offset) % answer_length;
    if (place < sizeof right - 1) {
      size_t here = sizeof right - 1 - place;
      if (here > length - offset) here = length - offset;
      if (memcmp(bytes + offset, right + place, here) != 0) {
        errno = 0;
        fail("an answer is not 200, or not as long as the first");
      }
    }
    offset += answer_length - place;
  }
}

static void answered(struct connection *connection, int is_last) {
  record(now_us() - connection->begin);
  exchanges += batch;
  under_way--;
  if (!is_last) ask(connection);
}

static void ask_by(int number) { ask(&connections[number]); }

static void receive(struct connection *connection, int is_last) {
  static char buffer[65536];
  ssize_t got = recv(connection->descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) fail("recv");
  errno = 0;
  if (got == 0) {
    if (!closes || connection->received != wanted) fail("a connection ended too soon");
    close(connection->descriptor);
    answered(connection, is_last);
    return;
  }
  check(buffer, (size_t)got, connection->received);
  connection->received += (size_t)got;
  if (connection->received > wanted) fail("more came than was asked for");
  if (connection->received == wanted && !closes) answered(connection, is_last);
}

// The first answer tells how long they are.
static void learn(int descriptor) {
  char text[65536];
  size_t got = 0, length = 0;
  while (!length || got < length) {
    ssize_t more = recv(descriptor, text + got, sizeof text - 1 - got, 0);
    if (more == 0) errno = 0;
    if (more <= 0) fail("the first answer");
    text[got += (size_t)more] = 0;
    char *end = strstr(text, "\r\n\r\n");
    char *field = end ? strcasestr(text, "\r\ncontent-length:") : NULL;
    errno = 0;
    if (end && (!field || field > end)) fail("an answer without Content-Length");
    if (end) length = (size_t)(end + 4 - text) + strtoul(field + 17, NULL, 10);
    if (length >= sizeof text) fail("an answer that is too long");
  }
  if (memcmp(text, right, sizeof right - 1) != 0) fail("the first answer is not 200");
  answer_length = length;
  wanted = length * (size_t)batch;
}

static void receive_first(struct connection *connection) {
  static char buffer[65536];
  while (connection->received < wanted) {
    ssize_t got = recv(connection->descriptor, buffer, wanted - connection->received, 0);
    if (got == 0) errno = 0;
    if (got <= 0) fail("the first answers");
    check(buffer, (size_t)got, connection->received);
    connection->received += (size_t)got;
  }
  under_way--;
}

// Some at a time, each of which has its first answers before the next are opened. With --close there is nothing to keep.
static void open_all(void) {
  size_t whole = request_length;
  request_length /= (size_t)batch;
  int descriptor = connect_to(port, 0);
  if (send(descriptor, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) fail("send");
  learn(descriptor);
  close(descriptor);
  request_length = whole;
  for (int first = 0; !closes && first < count; first += opened_at_once) {
    int end = first + opened_at_once < count ? first + opened_at_once : count;
    for (int i = first; i < end; i++) {
      connections[i].descriptor = connect_to(port, i);
      leaves_no_trace(connections[i].descriptor);
      ask(&connections[i]);
    }
    for (int i = first; i < end; i++) {
      receive_first(&connections[i]);
      watch(&connections[i]);
    }
  }
}

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: requests PORT PATH CONNECTIONS SECONDS [--batch N] [--fields TEXT] [--close] [--warm SECONDS]\n");
  exit(2);
}

int main(int argument_count, char **arguments) {
  const char *fields = "";
  double warm = 1, seconds;
  if (argument_count < 5) usage();
  for (int i = 5; i < argument_count; i++) {
    if (!strcmp(arguments[i], "--close")) closes = 1;
    else if (!strcmp(arguments[i], "--batch") && i + 1 < argument_count) batch = atoi(arguments[++i]);
    else if (!strcmp(arguments[i], "--fields") && i + 1 < argument_count) fields = arguments[++i];
    else if (!strcmp(arguments[i], "--warm") && i + 1 < argument_count) warm = atof(arguments[++i]);
    else usage();
  }
  port = atoi(arguments[1]);
  count = atoi(arguments[3]);
  seconds = atof(arguments[4]);
  if (port <= 0 || port > 65535 || count < 1 || count > most_connections || batch < 1 || batch > most_batch) usage();
  if (seconds <= 0 || warm < 0 || (closes && batch > 1)) usage();
  allow_descriptors(count);
  connections = calloc((size_t)count, sizeof *connections);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (!connections || epoll < 0) fail("starting");

  make_request(arguments[2], fields);
  open_all();
  take_turns(warm, seconds, "requests");
  return 0;
}
