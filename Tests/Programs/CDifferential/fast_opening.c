// Sockets that are connected by the first bytes that are sent: MSG_FASTOPEN and TCP_FASTOPEN_CONNECT, tcp(7).

#include "differential.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static const char *const calls[] = {"write", "writev", "pwritev2", "send", "sendto", "sendmsg", "sendmmsg", "sendfile"};
enum { WRITE, WRITEV, PWRITEV2, SEND, SENDTO, SENDMSG, SENDMMSG, SENDFILE, CALLS };

static int listen_on(struct sockaddr_in *address) {
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof *address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(fd, (struct sockaddr *)address, length) != 0 || listen(fd, 5) != 0) abort();
  getsockname(fd, (struct sockaddr *)address, &length);
  return fd;
}

static long transmit(int call, int fd, char *bytes, size_t count, int flags, struct sockaddr_in *address) {
  struct iovec parts[2] = {{bytes, count / 2}, {bytes + count / 2, count - count / 2}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_name = address,
                           .msg_namelen = address != NULL ? sizeof *address : 0};
  struct mmsghdr messages[1] = {{.msg_hdr = message}};
  long result;
  int file;
  switch (call) {
  case WRITE: return write(fd, bytes, count);
  case WRITEV: return writev(fd, parts, 2);
  case PWRITEV2: return pwritev2(fd, parts, 2, -1, 0);
  case SEND: return send(fd, bytes, count, flags);
  case SENDTO: return sendto(fd, bytes, count, flags, (struct sockaddr *)address, message.msg_namelen);
  case SENDMSG: return sendmsg(fd, &message, flags);
  case SENDMMSG:
    result = sendmmsg(fd, messages, 1, flags);
    return result == 1 ? (long)messages[0].msg_len : result;
  default:
    file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    result = sendfile(fd, file, NULL, count);
    close(file);
    return result;
  }
}

enum { CONNECTS, BIG, REFUSED, NONBLOCKING, DONTWAIT, AGAIN, NO_ADDRESS, A_LISTENER, SITUATIONS };
static const char *const situations[] = {
    "connects", "connects, much more than one packet", "refused", "O_NONBLOCK", "MSG_DONTWAIT", "twice", "no address",
    "of a listener",
};

// What a peer reads of it: by a thread of its own.
struct peer {
  struct later later; // first: it is what the action is given
  int listener;
};

static void accept_and_drain(struct later *later) {
  struct peer *peer = (struct peer *)later;
  int fd = accept(peer->listener, NULL, NULL);
  later->fd = fd;
  drain(later);
  close(fd);
}

#define MUCH 900000

static void opening(struct run *run) {
  struct sockaddr_in address;
  struct peer peer = {{0, accept_and_drain, -1, -1, NULL, 0, 0, 0, 0}, listen_on(&address)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, flags = 0;
  struct sockaddr_in *given = run->c == NO_ADDRESS ? NULL : &address;
  set_timeout(fd, SO_SNDTIMEO, 20000);
  if (run->a == 0) {
    flags = MSG_FASTOPEN | (run->c == DONTWAIT ? MSG_DONTWAIT : 0);
  } else {
    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, &one, sizeof one);
    note_result(run, "connect", connect(fd, (struct sockaddr *)&address, sizeof address));
    given = NULL;
  }
  bool has_peer = run->c == CONNECTS || run->c == BIG || run->c == AGAIN;
  if (run->c == REFUSED) {
    close(peer.listener);
    peer.listener = -1;
  }
  // Where the system does not allow it nobody comes.
  if (has_peer) set_timeout(peer.listener, SO_RCVTIMEO, 1000);
  if (has_peer) start_later(&peer.later);
  if (run->c == NONBLOCKING) set_nonblocking(fd);
  char *bytes = calloc(1, MUCH);
  size_t count = run->c == BIG ? MUCH : 100;
  int target = run->c == A_LISTENER ? peer.listener : fd;
  note_result(run, calls[run->b], transmit(run->b, target, bytes, count, flags | MSG_NOSIGNAL, given));
  if (run->c == AGAIN) note_result(run, "again", transmit(run->b, fd, bytes, count, flags | MSG_NOSIGNAL, given));
  if (run->c == REFUSED) note_result(run, "then", send(fd, bytes, 1, MSG_NOSIGNAL));
  note_flags(run, fd);
  close(fd);
  if (has_peer) end_later(&peer.later);
  if (has_peer) note(run, "read: %ld\n", peer.later.result);
  if (peer.listener >= 0) close(peer.listener);
  free(bytes);
}

static void unusual(struct run *run) {
  struct sockaddr_in address;
  int listener = listen_on(&address), ends[2];
  for (int kind = 0; kind < PIPE; kind++) {
    make_ends((enum kind)kind, ends);
    note_result(run, kind_names[kind], sendto(ends[1], "a", 1, MSG_FASTOPEN | MSG_NOSIGNAL, NULL, 0));
    close_ends(ends);
  }
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in wrong = address;
  wrong.sin_family = AF_UNSPEC;
  note_result(run, "no family", sendto(fd, "a", 1, MSG_FASTOPEN, (struct sockaddr *)&wrong, sizeof wrong));
  wrong.sin_family = AF_INET6;
  note_result(run, "another family", sendto(fd, "a", 1, MSG_FASTOPEN, (struct sockaddr *)&wrong, sizeof wrong));
  note_result(run, "a short address", sendto(fd, "a", 1, MSG_FASTOPEN, (struct sockaddr *)&address, 3));
  note_result(run, "no bytes", sendto(fd, "", 0, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address));
  note_result(run, "again", sendto(fd, "a", 1, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address));
  close(fd);
  close(listener);
}

void add_fast_opening(void) {
  for (int way = 0; way < 2; way++) {
    for (int call = 0; call < CALLS; call++) {
      for (int situation = 0; situation < SITUATIONS; situation++) {
        if (way == 0 && (call < SENDTO || call == SENDFILE)) continue;
        if (way == 1 && situation >= DONTWAIT) continue;
        add(opening, way, call, situation, "%s, %s: %s", way == 0 ? "MSG_FASTOPEN" : "TCP_FASTOPEN_CONNECT",
            situations[situation], calls[call]);
      }
    }
  }
  add(unusual, 0, 0, 0, "MSG_FASTOPEN where it means nothing");
}
