// Runs a program in a network of its own, in which every name has an address and the name server takes its time.
//
//     private_dns MILLISECONDS CORE COMMAND...
//
// The program sees a loopback and nothing else, and a resolv.conf that names this server: whatever it resolves names
// with is asked the same. Each query is answered so many milliseconds after it came, with one address or, where another
// type than A was asked for, with none. The server runs on CORE and ends with the program.

#include "bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- The network -------------------------------------------------------------------------------------------------

static void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0) fail(path);
  close(file);
}

static void enter(void) {
  int flags = CLONE_NEWNS | CLONE_NEWNET;
  uid_t user = getuid();
  gid_t group = getgid();
  if (user == 0 ? unshare(flags) : unshare(flags | CLONE_NEWUSER)) fail("unshare");
  if (user == 0) return;
  char map[64];
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", user);
  write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", group);
  write_file("/proc/self/gid_map", map);
}

// Puts a file with this text over another, for this program and its children.
static void replace(const char *path, const char *text) {
  char name[] = "/tmp/private_dns_XXXXXX";
  int file = mkstemp(name);
  if (file < 0 || write(file, text, strlen(text)) < 0 || fchmod(file, 0644) != 0) fail(name);
  close(file);
  if (mount(name, path, NULL, MS_BIND, NULL) != 0) fail(path);
  unlink(name);
}

static void raise_loopback(int descriptor) {
  struct ifreq request = {.ifr_name = "lo"};
  if (ioctl(descriptor, SIOCGIFFLAGS, &request) != 0) fail("SIOCGIFFLAGS");
  request.ifr_flags |= IFF_UP;
  if (ioctl(descriptor, SIOCSIFFLAGS, &request) != 0) fail("SIOCSIFFLAGS");
}

// ---- The server --------------------------------------------------------------------------------------------------

enum { MOST_WAITING = 1 << 16, MOST_BYTES = 512, HEADER = 12 };

// The delay is the same for all, so the answers are in order of time: a ring, with indices that only grow.
static struct waiting {
  int64_t due;
  struct sockaddr_in peer;
  size_t length;
  unsigned char bytes[MOST_BYTES];
} ring[MOST_WAITING];
static unsigned first, end;

// Turns the query into its answer (RFC 1035, section 4.1). False where it is none.
static int answer(struct waiting *one) {
  size_t at = HEADER;
  while (at < one->length && one->bytes[at] != 0) at += one->bytes[at] + 1u;
  size_t question_end = at + 5;
  if (question_end > one->length) return 0;
  int asks_for_a = one->bytes[at + 1] == 0 && one->bytes[at + 2] == 1;
  one->bytes[2] = 0x81;  // a response, recursion desired
  one->bytes[3] = 0x80;  // recursion available, no error
  memcpy(one->bytes + 4, (unsigned char[]){0, 1, 0, (unsigned char)asks_for_a, 0, 0, 0, 0}, 8);
  one->length = question_end;
  if (!asks_for_a) return 1;
  // The name of the question, type A, class IN, 60 s, 127.1.2.3.
  static const unsigned char record[] = {0xC0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 1, 2, 3};
  if (question_end + sizeof record > MOST_BYTES) return 0;
  memcpy(one->bytes + question_end, record, sizeof record);
  one->length += sizeof record;
  return 1;
}

static void take_queries(int descriptor, int64_t delay) {
  while (end - first < MOST_WAITING) {
    struct waiting *one = &ring[end % MOST_WAITING];
    socklen_t length = sizeof one->peer;
    ssize_t count = recvfrom(descriptor, one->bytes, MOST_BYTES, MSG_DONTWAIT, (struct sockaddr *)&one->peer, &length);
    if (count < 0) return;
    one->length = (size_t)count;
    one->due = nanoseconds() + delay;
    if (answer(one)) end++;
  }
}

// Until the program has ended.
static void serve(int descriptor, int64_t delay, int program) {
  struct pollfd entries[] = {{.fd = descriptor, .events = POLLIN}, {.fd = program, .events = POLLIN}};
  while (entries[1].revents == 0) {
    int64_t now = nanoseconds();
    while (first != end && ring[first % MOST_WAITING].due <= now) {
      struct waiting *one = &ring[first++ % MOST_WAITING];
      sendto(descriptor, one->bytes, one->length, 0, (struct sockaddr *)&one->peer, sizeof one->peer);
      take_queries(descriptor, delay);  // so that none is dropped while many are answered
    }
    struct timespec rest = {.tv_nsec = 0};
    if (first != end) rest.tv_nsec = ring[first % MOST_WAITING].due - now;
    ppoll(entries, 2, first != end ? &rest : NULL, NULL);
    take_queries(descriptor, delay);
  }
}

static int bind_server(void) {
  int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 8 * 1024 * 1024;
  raise_loopback(descriptor);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  return descriptor;
}

int main(int argument_count, char **arguments) {
  long delay = argument_count > 3 ? strtol(arguments[1], NULL, 10) : 0;
  if (delay < 1 || delay >= 1000) return fprintf(stderr, "usage: private_dns MILLISECONDS CORE COMMAND...\n"), 2;
  enter();
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) fail("mount");
  replace("/etc/resolv.conf", "nameserver 127.0.0.1\n");
  replace("/etc/nsswitch.conf", "hosts: files dns\n");
  int descriptor = bind_server();

  pid_t server = getpid(), program = fork();
  if (program < 0) fail("fork");
  if (program == 0) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != server) return 1;
    execvp(arguments[3], arguments + 3);
    fail(arguments[3]);
  }
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(atoi(arguments[2]), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
  int end_of_program = pidfd_open(program, 0), status = 0;
  if (end_of_program < 0) fail("pidfd_open");
  serve(descriptor, delay * 1000 * 1000, end_of_program);
  waitpid(program, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
