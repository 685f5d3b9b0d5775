// connect, accept, accept4.

#include "differential.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static int listen_on(bool is_unix, struct sockaddr_storage *address, socklen_t *length, int backlog) {
  static _Atomic int count;
  memset(address, 0, sizeof *address);
  if (is_unix) {
    struct sockaddr_un *name = (struct sockaddr_un *)address;
    name->sun_family = AF_UNIX;
    *length = (socklen_t)(sizeof(sa_family_t) + 1 +
                          (size_t)sprintf(name->sun_path + 1, "differential-%d-%d", getpid(), count++));
  } else {
    struct sockaddr_in *name = (struct sockaddr_in *)address;
    *name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *length = sizeof *name;
  }
  int fd = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(fd, (struct sockaddr *)address, *length) != 0) abort();
  if (!is_unix) getsockname(fd, (struct sockaddr *)address, length);
  if (backlog >= 0) listen(fd, backlog);
  return fd;
}

struct target {
  struct later later; // first: it is what the action is given
  struct sockaddr_storage address;
  socklen_t length;
  bool is_unix;
};

static int open_socket(bool is_unix, int flags) {
  return socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

static void connect_later(struct later *later) {
  struct target *target = (struct target *)later;
  later->other = open_socket(target->is_unix, 0);
  later->result = connect(later->other, (struct sockaddr *)&target->address, target->length);
}

enum { WAITING_ALREADY, LATER, NONBLOCKING, TIMEOUT, WITH_FLAGS, NOT_LISTENING, WRONG_FLAGS, BAD_ADDRESS, ACCEPTS };
static const char *const accepts[] = {
    "one is waiting", "one comes later", "O_NONBLOCK", "SO_RCVTIMEO", "SOCK_NONBLOCK", "not listening", "wrong flags",
    "bad address",
};

static void accepting(struct run *run) {
  struct target target = {.is_unix = run->a != 0};
  int listener = listen_on(target.is_unix, &target.address, &target.length, run->c == NOT_LISTENING ? -1 : 5);
  target.later = (struct later){run->c == LATER ? 15 : 0, connect_later, -1, -1, NULL, 0, 0, 0, 0};
  bool connects = run->c != NONBLOCKING && run->c != TIMEOUT && run->c != NOT_LISTENING;
  int64_t start = now();
  if (connects) start_later(&target.later);
  if (connects && run->c != LATER) end_later(&target.later);
  if (run->c == NONBLOCKING) set_nonblocking(listener);
  if (run->c == TIMEOUT) set_timeout(listener, SO_RCVTIMEO, 30);
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  int flags = run->c == WITH_FLAGS ? SOCK_NONBLOCK | SOCK_CLOEXEC : run->c == WRONG_FLAGS ? 0x40000000 : 0;
  struct sockaddr *into = run->c == BAD_ADDRESS ? (struct sockaddr *)16 : (struct sockaddr *)&peer;
  int fd = run->b == 0 ? accept(listener, into, &length) : accept4(listener, into, &length, flags);
  note_result(run, "accept", fd >= 0 ? 0 : -1);
  if (run->c == TIMEOUT) note_time(run, start, 30);
  if (fd >= 0) {
    note(run, "address of %u bytes\n", length);
    note_flags(run, fd);
    note_result(run, "FD_CLOEXEC", fcntl(fd, F_GETFD));
    close(fd);
  }
  note_flags(run, listener);
  if (run->c == LATER) end_later(&target.later);
  if (target.later.other >= 0) close(target.later.other);
  close(listener);
}

// ---- connect ------------------------------------------------------------------------------------------------------

enum {
  SUCCEEDS, REFUSED, IN_PROGRESS, TWICE, WRONG_FAMILY, NOTHING_THERE, FULL, FULL_THEN_ACCEPTED, FULL_NONBLOCKING,
  DATAGRAM, A_LISTENER, CONNECTS
};
static const char *const connects[] = {
    "succeeds", "refused", "O_NONBLOCK", "twice", "wrong family", "nothing there", "a full backlog, SO_SNDTIMEO",
    "a full backlog, accepted later", "a full backlog, O_NONBLOCK", "of a datagram socket", "of a listener",
};

static void accept_later(struct later *later) {
  int fd = accept(later->fd, NULL, NULL);
  later->result = fd;
  close(fd);
}

static bool connect_applies(int is_unix, int situation) {
  bool is_full = situation == FULL || situation == FULL_THEN_ACCEPTED || situation == FULL_NONBLOCKING;
  return (!is_full && situation != NOTHING_THERE) || is_unix;
}

static void connecting(struct run *run) {
  struct sockaddr_storage address;
  socklen_t length;
  bool is_unix = run->a != 0;
  bool is_full = run->c == FULL || run->c == FULL_THEN_ACCEPTED || run->c == FULL_NONBLOCKING;
  int listener = listen_on(is_unix, &address, &length, is_full ? 0 : 5);
  int fd = open_socket(is_unix, 0), filler = -1;
  if (run->c == REFUSED || run->c == NOTHING_THERE) close(listener);
  if (run->c == IN_PROGRESS || run->c == FULL_NONBLOCKING) set_nonblocking(fd);
  if (run->c == WRONG_FAMILY) address.ss_family = AF_INET6;
  if (run->c == FULL) set_timeout(fd, SO_SNDTIMEO, 40);
  if (is_full) connect(filler = open_socket(true, 0), (struct sockaddr *)&address, length);
  if (run->c == DATAGRAM) {
    close(fd);
    fd = socket(is_unix ? AF_UNIX : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  }
  struct later later = {20, accept_later, listener, 0, NULL, 0, 0, 0, 0};
  int64_t start = now();
  if (run->c == FULL_THEN_ACCEPTED) start_later(&later);
  note_result(run, "connect", connect(run->c == A_LISTENER ? listener : fd, (struct sockaddr *)&address, length));
  if (run->c == FULL) note_time(run, start, 35);
  if (run->c == FULL_THEN_ACCEPTED) end_later(&later);
  if (run->c == TWICE || run->c == REFUSED) note_result(run, "again", connect(fd, (struct sockaddr *)&address, length));
  if (run->c == IN_PROGRESS) {
    struct pollfd entry = {fd, POLLOUT, 0};
    note_result(run, "poll", poll(&entry, 1, 1000));
    note_result(run, "again", connect(fd, (struct sockaddr *)&address, length));
  }
  note_flags(run, fd);
  struct sockaddr_storage peer;
  length = sizeof peer;
  note_result(run, "getpeername", getpeername(fd, (struct sockaddr *)&peer, &length));
  close(fd);
  if (filler >= 0) close(filler);
  if (run->c != REFUSED && run->c != NOTHING_THERE) close(listener);
}

void add_connecting(void) {
  for (int is_unix = 0; is_unix < 2; is_unix++) {
    const char *name = is_unix ? "unix" : "tcp";
    for (int call = 0; call < 2; call++) {
      for (int situation = 0; situation < ACCEPTS; situation++) {
        add(accepting, is_unix, call, situation, "%s on %s: %s", call == 0 ? "accept" : "accept4", name,
            accepts[situation]);
      }
    }
    for (int situation = 0; situation < CONNECTS; situation++) {
      if (connect_applies(is_unix, situation)) {
        add(connecting, is_unix, 0, situation, "connect on %s: %s", name, connects[situation]);
      }
    }
  }
}
