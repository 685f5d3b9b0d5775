// poll, ppoll, select, pselect, epoll_wait, epoll_pwait, epoll_pwait2: the same questions by each.

#include "differential.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

static const char *const calls[] = {"poll", "ppoll", "select", "pselect", "epoll_wait", "epoll_pwait", "epoll_pwait2"};
enum { POLL, PPOLL, SELECT, PSELECT, EPOLL_WAIT, EPOLL_PWAIT, EPOLL_PWAIT2, CALLS };

#define FOREVER (-1)

static long by_select(struct run *run, struct pollfd *fds, size_t count, struct timespec *time, const sigset_t *mask) {
  // Room for descriptors far above FD_SETSIZE.
  static _Thread_local unsigned long sets[3][64];
  memset(sets, 0, sizeof sets);
  int highest = -1;
  for (size_t i = 0; i < count; i++) {
    if (fds[i].fd < 0) continue;
    unsigned long bit = 1ul << (fds[i].fd % 64);
    if ((fds[i].events & POLLIN) != 0) sets[0][fds[i].fd / 64] |= bit;
    if ((fds[i].events & POLLOUT) != 0) sets[1][fds[i].fd / 64] |= bit;
    if ((fds[i].events & POLLPRI) != 0) sets[2][fds[i].fd / 64] |= bit;
    if (fds[i].fd > highest) highest = fds[i].fd;
  }
  fd_set *given[3] = {(fd_set *)sets[0], (fd_set *)sets[1], (fd_set *)sets[2]};
  struct timeval value = {0, 0};
  if (time != NULL) value = (struct timeval){time->tv_sec, time->tv_nsec / 1000};
  long result = run->b == SELECT
                    ? select(highest + 1, given[0], given[1], given[2], time != NULL ? &value : NULL)
                    : pselect(highest + 1, given[0], given[1], given[2], time, mask);
  int error = errno;
  if (run->b == SELECT && time != NULL) {
    note(run, "left: %s\n", value.tv_sec == 0 && value.tv_usec == 0 ? "nothing" : "some");
  }
  for (size_t i = 0; i < count; i++) {
    if (fds[i].fd < 0) continue;
    fds[i].revents = 0;
    for (int set = 0; set < 3; set++) {
      if ((sets[set][fds[i].fd / 64] >> (fds[i].fd % 64) & 1) != 0) {
        fds[i].revents |= (short)(set == 0 ? POLLIN : set == 1 ? POLLOUT : POLLPRI);
      }
    }
  }
  errno = error;
  return result;
}

static long by_epoll(struct run *run, struct pollfd *fds, size_t count, struct timespec *time, const sigset_t *mask) {
  int set = epoll_create1(EPOLL_CLOEXEC);
  for (size_t i = 0; i < count; i++) {
    struct epoll_event event = {.events = (uint32_t)(unsigned short)fds[i].events, .data.u64 = i};
    if (epoll_ctl(set, EPOLL_CTL_ADD, fds[i].fd, &event) != 0) note_result(run, "epoll_ctl", -1);
    fds[i].revents = 0;
  }
  struct epoll_event found[8];
  int milliseconds = time == NULL ? -1 : (int)(time->tv_sec * 1000 + time->tv_nsec / 1000000);
  long result = run->b == EPOLL_WAIT    ? epoll_wait(set, found, 8, milliseconds)
                : run->b == EPOLL_PWAIT ? epoll_pwait(set, found, 8, milliseconds, mask)
                                        : epoll_pwait2(set, found, 8, time, mask);
  int error = errno;
  for (long i = 0; i < result; i++) fds[found[i].data.u64].revents = (short)found[i].events;
  close(set);
  errno = error;
  return result;
}

// Asks by the run's call and writes down what it says.
static void ask(struct run *run, struct pollfd *fds, size_t count, int milliseconds, const sigset_t *mask) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000}, *given = &time;
  if (milliseconds < 0) given = NULL;
  int64_t start = now();
  long result;
  switch (run->b) {
  case POLL: result = poll(fds, count, milliseconds); break;
  case PPOLL: result = ppoll(fds, count, given, mask); break;
  case SELECT: case PSELECT: result = by_select(run, fds, count, given, mask); break;
  default: result = by_epoll(run, fds, count, given, mask);
  }
  note_result(run, calls[run->b], result);
  if (result == 0) note_time(run, start, milliseconds);
  for (size_t i = 0; i < count; i++) {
    if (result > 0 && (i < 5 || fds[i].revents != 0)) note(run, "%zu: %#x\n", i, (unsigned)fds[i].revents);
  }
}

enum {
  READABLE, READABLE_LATER, NOTHING, NO_TIME, WRITABLE, CLOSED, CLOSES_LATER, SHUT_DOWN_LATER, SECOND_OF_TWO, BOTH_WAYS,
  DUPLICATES, NEGATIVE, NOT_OPEN, NONE, URGENT_LATER, NO_EVENTS, A_FILE, HIGH_NUMBER, MANY, AGAIN, SITUATIONS
};
static const char *const situations[] = {
    "readable", "readable later", "nothing", "no time", "writable", "peer closed", "peer closes later",
    "peer shuts down later", "second of two", "readable and writable", "the same twice", "a negative one",
    "one that is not open", "no descriptors", "urgent data later", "no events asked for", "a file",
    "a number above 1,024", "three hundred, the last is ready", "asked again",
};

static bool applies(int kind, int call, int situation) {
  bool is_epoll = call >= EPOLL_WAIT, is_select = call == SELECT || call == PSELECT;
  switch (situation) {
  case WRITABLE: case BOTH_WAYS: case SHUT_DOWN_LATER: return kind != PIPE && (situation != SHUT_DOWN_LATER || !is_select);
  case URGENT_LATER: return kind == TCP;
  case DUPLICATES: case NEGATIVE: return !is_epoll && (situation != DUPLICATES || !is_select);
  case NOT_OPEN: case A_FILE: case NONE: return kind == UNIX_STREAM && (!is_epoll || situation == NONE);
  case HIGH_NUMBER: case MANY: return kind == PIPE || kind == UNIX_STREAM;
  case NO_EVENTS: return kind != UDP && kind != UNIX_DATAGRAM;
  default: return true;
  }
}

static void many(struct run *run) {
  enum { COUNT = 300 };
  static _Thread_local struct pollfd fds[COUNT];
  static _Thread_local int ends[COUNT][2];
  for (int i = 0; i < COUNT; i++) {
    make_ends((enum kind)run->a, ends[i]);
    fds[i] = (struct pollfd){ends[i][0], POLLIN, 0};
  }
  struct later more = {10, send_bytes, ends[COUNT - 1][1], 0, "a", 1, 0, 0, 0};
  start_later(&more);
  ask(run, fds, COUNT, 2000, NULL);
  end_later(&more);
  for (int i = 0; i < COUNT; i++) close_ends(ends[i]);
}

static void in_situation(struct run *run) {
  int ends[2], more[2];
  make_ends((enum kind)run->a, ends);
  make_ends((enum kind)run->a, more);
  struct pollfd fds[3] = {{ends[0], POLLIN, 0}, {more[0], POLLIN, 0}, {-1, 0, 0}};
  struct later later = {10, send_bytes, ends[1], 0, "a", 1, 0, 0, 0};
  size_t count = 1;
  int milliseconds = 2000, duplicate = -1;
  bool acts_later = true;
  switch (run->c) {
  case READABLE: case AGAIN:
    acts_later = false;
    if (write(ends[1], "abc", 3) != 3) note(run, "not written\n");
    break;
  case NOTHING: acts_later = false; milliseconds = 30; break;
  case NO_TIME: acts_later = false; milliseconds = 0; break;
  case WRITABLE: acts_later = false; fds[0].events = POLLOUT; break;
  case BOTH_WAYS: acts_later = false; fds[0].events = POLLIN | POLLOUT; break;
  case CLOSED: acts_later = false; close(ends[1]); ends[1] = -1; break;
  case CLOSES_LATER: later.action = close_fd; milliseconds = is_byte_stream((enum kind)run->a) ? 2000 : 50; break;
  case SHUT_DOWN_LATER: later.action = shut_down_writing; fds[0].events = POLLRDHUP; milliseconds = 50; break;
  case SECOND_OF_TWO: later.fd = more[1]; count = 2; milliseconds = FOREVER; break;
  case DUPLICATES: fds[1] = (struct pollfd){ends[0], POLLIN, 0}; fds[2] = fds[1]; count = 3; break;
  case NEGATIVE: fds[1].fd = -5; fds[1].revents = 77; count = 2; break;
  case NOT_OPEN: acts_later = false; fds[1].fd = 3999; count = 2; break;
  case NONE: acts_later = false; count = 0; milliseconds = 20; break;
  case URGENT_LATER: later.action = NULL; fds[0].events = POLLPRI; break;
  case NO_EVENTS: later.action = close_fd; fds[0].events = 0; milliseconds = 100; break;
  case A_FILE:
    acts_later = false;
    fds[1] = (struct pollfd){open("/proc/self/exe", O_RDONLY | O_CLOEXEC), POLLIN | POLLOUT, 0};
    count = 2;
    break;
  case HIGH_NUMBER: fds[0].fd = duplicate = fcntl(ends[0], F_DUPFD_CLOEXEC, 1500); break;
  case MANY: many(run); acts_later = false; count = 0; milliseconds = 0; break;
  }
  if (later.action == NULL) {
    usleep(2000);
    acts_later = false;
    send(ends[1], "!", 1, MSG_OOB);
    usleep(2000);
  }
  if (acts_later) start_later(&later);
  ask(run, fds, count, milliseconds, NULL);
  if (acts_later) end_later(&later);
  if (acts_later && later.action == close_fd) ends[1] = -1;
  if (run->c == AGAIN) ask(run, fds, count, milliseconds, NULL);
  if (run->c == A_FILE) close(fds[1].fd);
  if (duplicate >= 0) close(duplicate);
  close_ends(ends);
  close_ends(more);
}

// ---- Signals and wrong arguments ----------------------------------------------------------------------------------

static volatile sig_atomic_t handled;
static void handle(int signal) { handled += signal == SIGUSR1; }

// A signal that is blocked but for the wait: at once, or later.
static void masked(struct run *run) {
  int ends[2];
  make_ends(PIPE, ends);
  struct sigaction action = {.sa_handler = handle}, before;
  sigaction(SIGUSR1, &action, &before);
  sigset_t blocked, mask;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, &mask);
  sigdelset(&mask, SIGUSR1);
  handled = 0;
  struct later later = {10, send_signal, SIGUSR1, 0, NULL, 0, 0, 0, pthread_self()};
  if (run->c == 0) pthread_kill(pthread_self(), SIGUSR1);
  else start_later(&later);
  struct pollfd fds[1] = {{ends[0], POLLIN, 0}};
  ask(run, fds, 1, 3000, run->c == 2 ? NULL : &mask);
  if (run->c != 0) end_later(&later);
  note(run, "handled %d times\n", (int)handled);
  pthread_sigmask(SIG_UNBLOCK, &blocked, NULL);
  note(run, "handled %d times\n", (int)handled);
  sigaction(SIGUSR1, &before, NULL);
  close_ends(ends);
}

static void wrong(struct run *run) {
  int ends[2];
  make_ends(PIPE, ends);
  struct pollfd fds[1] = {{ends[0], POLLIN, 0}};
  struct timespec times[2] = {{-1, 0}, {0, 1000000000}};
  struct timeval values[2] = {{-1, 0}, {0, -5}};
  struct epoll_event event;
  fd_set set;
  FD_ZERO(&set);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < 2; i++) {
    note_result(run, "ppoll", ppoll(fds, 1, &times[i], NULL));
    note_result(run, "pselect", pselect(1, &set, NULL, NULL, &times[i], NULL));
    note_result(run, "select", select(1, &set, NULL, NULL, &values[i]));
    note_result(run, "epoll_pwait2", epoll_pwait2(epoll, &event, 1, &times[i], NULL));
    note_result(run, "epoll_wait", epoll_wait(epoll, &event, -i, 10));
  }
  note_result(run, "select", select(-1, &set, NULL, NULL, NULL));
  note_result(run, "epoll_wait", epoll_wait(ends[0], &event, 1, 10));
  note_result(run, "epoll_wait", epoll_wait(-1, &event, 1, 10));
  note_result(run, "poll", poll((struct pollfd *)16, 1, 10));
  close(epoll);
  close_ends(ends);
}

void add_multiplexing(void) {
  static const int kinds[] = {UNIX_STREAM, TCP, PIPE, UNIX_DATAGRAM, UDP};
  for (int i = 0; i < 5; i++) {
    for (int call = 0; call < CALLS; call++) {
      for (int situation = 0; situation < SITUATIONS; situation++) {
        if (!applies(kinds[i], call, situation)) continue;
        add(in_situation, kinds[i], call, situation, "%s on %s: %s", calls[call], kind_names[kinds[i]],
            situations[situation]);
      }
    }
  }
  static const int with_mask[] = {PPOLL, PSELECT, EPOLL_PWAIT, EPOLL_PWAIT2};
  static const char *const signals[] = {"pending", "later"};
  for (int i = 0; i < 4; i++) {
    for (int way = 0; way < 2; way++) {
      add(masked, 0, with_mask[i], way, "%s: a signal that only its mask lets through, %s", calls[with_mask[i]],
          signals[way]);
    }
  }
  add(wrong, 0, 0, 0, "poll and the like with wrong arguments");
}
