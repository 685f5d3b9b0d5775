#include "differential.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

// What errno is before each call: no call of the cases fails with it.
#define UNTOUCHED EXDEV

// ---- The list -----------------------------------------------------------------------------------------------------

struct item {
  char name[96];
  void (*body)(struct run *);
  int a, b, c;
};
static struct item *items;
static size_t item_count, item_room;

void add(void (*body)(struct run *), int a, int b, int c, const char *format, ...) {
  if (item_count == item_room) {
    item_room = item_room == 0 ? 256 : item_room * 2;
    items = realloc(items, item_room * sizeof *items);
    if (items == NULL) abort();
  }
  struct item *item = &items[item_count++];
  *item = (struct item){.body = body, .a = a, .b = b, .c = c};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(item->name, sizeof item->name, format, arguments);
  va_end(arguments);
}

void add_receiving(void);
void add_sending(void);
void add_multiplexing(void);
void add_files(void);
void add_connecting(void);
void add_transferring(void);
void add_sleeping(void);
void add_errors(void);
void add_waiters(void);
void add_fairness(void);
void add_keeping_errno(void);
void add_wide(void);
void add_queues(void);
void add_lingering(void);
void add_edges(void);
void add_fast_opening(void);
void add_starting(void);
void add_numbering(void);

static void list(void) {
  if (item_count > 0) return;
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  add_receiving();
  add_sending();
  add_multiplexing();
  add_files();
  add_connecting();
  add_transferring();
  add_sleeping();
  add_errors();
  add_waiters();
  add_fairness();
  add_keeping_errno();
  add_wide();
  add_queues();
  add_lingering();
  add_edges();
  add_fast_opening();
  add_starting();
  add_numbering();
}

size_t differential_count(void) {
  list();
  return item_count;
}

const char *differential_name(size_t index) {
  list();
  return items[index].name;
}

char *differential_run(size_t index, const differential_world *world) {
  list();
  struct item *item = &items[index];
  struct run run = {.room = 8192, .world = world, .a = item->a, .b = item->b, .c = item->c};
  run.text = calloc(1, run.room);
  if (run.text == NULL) abort();
  errno = UNTOUCHED;
  item->body(&run);
  return run.text;
}

// ---- Writing down -------------------------------------------------------------------------------------------------

void note(struct run *run, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int count = vsnprintf(run->text + run->length, run->room - run->length, format, arguments);
  va_end(arguments);
  if (count > 0) run->length += (size_t)count;
  if (run->length >= run->room) run->length = run->room - 1;
}

void note_result(struct run *run, const char *call, long result) {
  int error = errno;
  if (result == -1) note(run, "%s: -1 %s\n", call, strerrorname_np(error));
  else note(run, "%s: %ld\n", call, result);
  // A call that succeeds leaves errno alone, whatever it tried meanwhile.
  if (result != -1 && error != UNTOUCHED) note(run, "errno: %s\n", strerrorname_np(error));
  errno = UNTOUCHED;
}

void note_bytes(struct run *run, const void *bytes, size_t count) {
  const unsigned char *from = bytes;
  unsigned sum = 5381;
  for (size_t i = 0; i < count; i++) sum = sum * 33 + from[i];
  note(run, "%zu bytes, \"%.*s\", sum %u\n", count, (int)(count < 20 ? count : 20), (const char *)bytes, sum);
}

int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void note_time(struct run *run, int64_t start, int milliseconds) {
  int64_t gone = (now() - start) / 1000000;
  note(run, gone < milliseconds ? "too early\n" : gone > milliseconds + 5000 ? "much too late\n" : "in time\n");
}

// ---- Ends ---------------------------------------------------------------------------------------------------------

const char *const kind_names[] = {"unix stream", "unix seqpacket", "unix datagram", "tcp", "udp", "pipe"};

void set_timeout(int fd, int option, int milliseconds) {
  struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, option, &time, sizeof time);
}

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

void note_flags(struct run *run, int fd) {
  note(run, "flags: %s\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 ? "O_NONBLOCK" : "blocking");
}

static int bound(int type, struct sockaddr_in *address) {
  int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof *address;
  if (bind(fd, (struct sockaddr *)address, length) != 0) abort();
  getsockname(fd, (struct sockaddr *)address, &length);
  return fd;
}

static void make_tcp(int ends[2]) {
  struct sockaddr_in address;
  int listener = bound(SOCK_STREAM, &address);
  listen(listener, 5);
  ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(ends[1], (struct sockaddr *)&address, sizeof address) != 0) abort();
  ends[0] = accept(listener, NULL, NULL);
  close(listener);
}

static void make_udp(int ends[2]) {
  struct sockaddr_in first, second;
  ends[0] = bound(SOCK_DGRAM, &first);
  ends[1] = bound(SOCK_DGRAM, &second);
  connect(ends[0], (struct sockaddr *)&second, sizeof second);
  connect(ends[1], (struct sockaddr *)&first, sizeof first);
}

void make_ends(enum kind kind, int ends[2]) {
  static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
  if (kind == PIPE) {
    if (pipe2(ends, O_CLOEXEC) != 0) abort();
    return;
  }
  if (kind == TCP) make_tcp(ends);
  else if (kind == UDP) make_udp(ends);
  else if (socketpair(AF_UNIX, types[kind] | SOCK_CLOEXEC, 0, ends) != 0) abort();
  for (int i = 0; i < 2; i++) {
    set_timeout(ends[i], SO_RCVTIMEO, 300);
    set_timeout(ends[i], SO_SNDTIMEO, 300);
  }
}

void close_ends(int ends[2]) {
  for (int i = 0; i < 2; i++) {
    if (ends[i] >= 0) close(ends[i]);
  }
}

// ---- Later --------------------------------------------------------------------------------------------------------

static void *act(void *context) {
  struct later *later = context;
  usleep((useconds_t)later->milliseconds * 1000);
  later->action(later);
  return NULL;
}

void start_later(struct later *later) {
  if (pthread_create(&later->thread, NULL, act, later) != 0) abort();
}

static void *act_after(void *context) {
  struct later *later = context;
  pthread_join(later->target, NULL);
  return act(context);
}

void start_after(struct later *later, struct later *before) {
  later->target = before->thread;
  if (pthread_create(&later->thread, NULL, act_after, later) != 0) abort();
}

void end_later(struct later *later) { pthread_join(later->thread, NULL); }

void send_bytes(struct later *later) { later->result = write(later->fd, later->bytes, later->count); }

void close_fd(struct later *later) { close(later->fd); }

void shut_down_writing(struct later *later) { shutdown(later->fd, SHUT_WR); }

void drain(struct later *later) {
  static _Thread_local char buffer[20000];
  size_t total = 0;
  while (later->count == 0 || total < later->count) {
    struct pollfd entry = {later->fd, POLLIN, 0};
    if (poll(&entry, 1, 300) <= 0) break;
    ssize_t count = read(later->fd, buffer, sizeof buffer);
    if (count <= 0) break;
    total += (size_t)count;
    if (total < 100000) usleep(1000);
  }
  later->result = (long)total;
}

void open_other_side(struct later *later) {
  int fd = open(later->bytes, later->fd);
  later->result = fd >= 0 && (later->fd & O_ACCMODE) == O_WRONLY ? write(fd, "other", 5) : 0;
  usleep(20000);
  close(fd);
}

void send_signal(struct later *later) { pthread_kill(later->target, later->fd); }
