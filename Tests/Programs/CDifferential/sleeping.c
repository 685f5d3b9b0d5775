// sleep, usleep, nanosleep, clock_nanosleep, thrd_sleep; and every call on descriptors that are not open or not right.

#include "differential.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <threads.h>

static const char *const calls[] = {"nanosleep", "CLOCK_MONOTONIC", "CLOCK_REALTIME", "CLOCK_BOOTTIME", "absolute",
                                    "absolute CLOCK_REALTIME", "CLOCK_PROCESS_CPUTIME_ID with a wrong time",
                                    "no clock", "thrd_sleep"};

static long call(int which, const struct timespec *time, struct timespec *rest) {
  struct timespec at = {0, 0};
  switch (which) {
  case 0: return nanosleep(time, rest);
  case 1: return clock_nanosleep(CLOCK_MONOTONIC, 0, time, rest);
  case 2: return clock_nanosleep(CLOCK_REALTIME, 0, time, rest);
  case 3: return clock_nanosleep(CLOCK_BOOTTIME, 0, time, rest);
  case 4: case 5:
    clock_gettime(which == 4 ? CLOCK_MONOTONIC : CLOCK_REALTIME, &at);
    at.tv_sec += time->tv_sec;
    at.tv_nsec += time->tv_nsec;
    if (at.tv_nsec >= 1000000000 && time->tv_nsec < 1000000000) {
      at.tv_nsec -= 1000000000;
      at.tv_sec += 1;
    }
    return clock_nanosleep(which == 4 ? CLOCK_MONOTONIC : CLOCK_REALTIME, TIMER_ABSTIME, &at, rest);
  case 6: return clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &(struct timespec){0, -1}, rest);
  case 7: return clock_nanosleep(99, 0, time, rest);
  default: return thrd_sleep(time, rest);
  }
}

static void sleeping(struct run *run) {
  static const struct timespec times[] = {{0, 20000000}, {0, 0}, {-1, 0}, {0, -1}, {0, 1000000000}};
  struct timespec rest = {7, 7};
  int64_t start = now();
  note_result(run, calls[run->a], call(run->a, &times[run->c], &rest));
  if (run->c == 0 && run->a != 6 && run->a != 7) note_time(run, start, 20);
  note(run, "rest %ld.%09ld\n", (long)rest.tv_sec, rest.tv_nsec);
}

static void microseconds(struct run *run) {
  int64_t start = now();
  note_result(run, "usleep", usleep(20000));
  note_time(run, start, 20);
  note_result(run, "usleep", usleep(0));
  note_result(run, "usleep", usleep(1000001));
  note_time(run, start, 1020);
  note_result(run, "sleep", sleep(0));
  note_result(run, "sleep", sleep(1));
  note_time(run, start, 2020);
}

void add_sleeping(void) {
  static const char *const times[] = {"20 ms", "no time", "negative seconds", "negative nanoseconds", "too many"};
  for (int which = 0; which < 9; which++) {
    for (int time = 0; time < 5; time++) {
      if (which == 4 && time >= 2) continue;
      if (which == 5 && time >= 2) continue;
      add(sleeping, which, 0, time, "sleeping by %s: %s", calls[which], times[time]);
    }
  }
  add(microseconds, 0, 0, 0, "usleep and sleep");
}

// ---- Wrong descriptors --------------------------------------------------------------------------------------------

static int not_open(void) { return 3998; }
static int folder(void) { return open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }
static int for_reading(void) { return open("/proc/self/exe", O_RDONLY | O_CLOEXEC); }
static int unconnected(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
static int unconnected_tcp(void) { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }
static int path_only(void) { return open("/tmp", O_PATH | O_CLOEXEC); }
static int other_end(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) abort();
  close(ends[0]);
  return ends[1];
}

static void on_wrong(struct run *run) {
  int (*const makers[])(void) = {not_open, folder, for_reading, unconnected, unconnected_tcp, path_only, other_end};
  int fd = makers[run->a]();
  char bytes[16] = "";
  struct iovec part = {bytes, 8};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  struct mmsghdr messages = {.msg_hdr = message};
  struct sockaddr address = {.sa_family = AF_UNIX};
  bool writes = run->a != 2;
  note_result(run, "read", run->a == 2 ? 0 : read(fd, bytes, 8));
  note_result(run, "read of nothing", read(fd, bytes, 0));
  note_result(run, "readv", run->a == 2 ? 0 : readv(fd, &part, 1));
  note_result(run, "readv of no parts", readv(fd, &part, 0));
  note_result(run, "readv of -1 parts", readv(fd, &part, -1));
  note_result(run, "readv of 2000 parts", readv(fd, &part, 2000));
  note_result(run, "writev of 2000 parts", writev(fd, &part, 2000));
  if (writes) note_result(run, "pread", pread(fd, bytes, 8, 0));
  note_result(run, "write", write(fd, bytes, 8));
  note_result(run, "write of nothing", write(fd, bytes, 0));
  note_result(run, "writev", writev(fd, &part, 1));
  note_result(run, "pwrite", pwrite(fd, bytes, 8, 0));
  note_result(run, "recv", recv(fd, bytes, 8, 0));
  note_result(run, "recvfrom", recvfrom(fd, bytes, 8, 0, NULL, NULL));
  note_result(run, "recvmsg", recvmsg(fd, &message, 0));
  note_result(run, "recvmmsg", recvmmsg(fd, &messages, 1, 0, NULL));
  note_result(run, "recvmmsg of none", recvmmsg(fd, &messages, 0, 0, NULL));
  note_result(run, "send", send(fd, bytes, 8, MSG_NOSIGNAL));
  note_result(run, "sendto", sendto(fd, bytes, 8, MSG_NOSIGNAL, NULL, 0));
  note_result(run, "sendmsg", sendmsg(fd, &message, MSG_NOSIGNAL));
  note_result(run, "sendmmsg", sendmmsg(fd, &messages, 1, MSG_NOSIGNAL));
  note_result(run, "accept", accept(fd, NULL, NULL));
  note_result(run, "accept4", accept4(fd, NULL, NULL, 0));
  note_result(run, "connect", connect(fd, &address, sizeof address));
  note_result(run, "connect, too long", connect(fd, &address, 1000));
  note_result(run, "recvmsg into nothing", recvmsg(fd, NULL, 0));
  note_result(run, "F_GETFL", fcntl(fd, F_GETFL) >= 0 ? 0 : -1);
  struct pollfd entry = {fd, POLLIN, 0};
  if (run->a != 1 && run->a != 5) note_result(run, "poll", poll(&entry, 1, 0));
  note_result(run, "close", close(fd));
}

void add_errors(void) {
  static const char *const names[] = {"one that is not open", "a folder", "a file for reading", "an unconnected socket",
                                      "an unconnected TCP socket", "a path only", "a pipe's end for writing"};
  for (int i = 0; i < 7; i++) add(on_wrong, i, 0, 0, "every call on %s", names[i]);
}
