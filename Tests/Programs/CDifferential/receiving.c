// read, readv, preadv2, recv, recvfrom, recvmsg, recvmmsg on every kind of end, in many situations.

#include "differential.h"

#include <sys/socket.h>
#include <sys/uio.h>

static const char *const calls[] = {"read", "readv", "preadv2", "recv", "recvfrom", "recvmsg", "recvmmsg"};
enum { READ, READV, PREADV2, RECV, RECVFROM, RECVMSG, RECVMMSG, CALLS };

static long receive(struct run *run, int fd, void *buffer, size_t count, int flags) {
  struct iovec parts[2] = {{buffer, count / 2}, {(char *)buffer + count / 2, count - count / 2}};
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2, .msg_name = &address, .msg_namelen = length};
  struct mmsghdr messages[1] = {{.msg_hdr = message}};
  long result;
  switch (run->b) {
  case READ: return read(fd, buffer, count);
  case READV: return readv(fd, parts, 2);
  case PREADV2: return preadv2(fd, parts, 2, -1, 0);
  case RECV: return recv(fd, buffer, count, flags);
  case RECVFROM:
    result = recvfrom(fd, buffer, count, flags, (struct sockaddr *)&address, &length);
    if (result >= 0) note(run, "address of %u bytes\n", length);
    return result;
  case RECVMSG:
    result = recvmsg(fd, &message, flags);
    if (result >= 0) note(run, "address of %u bytes, flags %#x\n", message.msg_namelen, message.msg_flags);
    return result;
  default:
    result = recvmmsg(fd, messages, 1, flags, NULL);
    if (result == 1) note(run, "length %u, flags %#x\n", messages[0].msg_len, messages[0].msg_hdr.msg_flags);
    return result == 1 ? (long)messages[0].msg_len : result;
  }
}

static void receive_and_note(struct run *run, int fd, size_t count, int flags) {
  char buffer[64] = "";
  long result = receive(run, fd, buffer, count, flags);
  note_result(run, calls[run->b], result);
  if (result > 0) note_bytes(run, buffer, (size_t)result < count ? (size_t)result : count);
  note_flags(run, fd);
}

enum {
  THERE, LATER, CLOSED, CLOSES_LATER, NONBLOCKING, TIMEOUT, PEEK, ALL, ALL_THEN_CLOSED, ALL_TIMES_OUT, NOTHING_ASKED,
  DONTWAIT, TRUNCATED, OWN_SHUTDOWN, PEERS_SHUTDOWN, PEEK_ALL, PEEK_ALL_THEN_CLOSED, BAD_ADDRESS, RESET, SEVERAL,
  WRONG_FLAGS, SITUATIONS
};
static const char *const situations[] = {
    "data there", "data later", "peer closed", "peer closes later", "O_NONBLOCK", "SO_RCVTIMEO", "MSG_PEEK",
    "MSG_WAITALL", "MSG_WAITALL, then closed", "MSG_WAITALL, then SO_RCVTIMEO", "no bytes asked for", "MSG_DONTWAIT",
    "shorter than the data", "own shutdown", "peer's shutdown", "MSG_PEEK | MSG_WAITALL",
    "MSG_PEEK | MSG_WAITALL, then closed", "bad address", "peer closed with unread data", "several at once",
    "MSG_OOB without any",
};

// Whether the situation is about the call at all: read has no flags.
static bool applies(int kind, int call, int situation) {
  bool has_flags = call >= RECV && is_socket((enum kind)kind);
  switch (situation) {
  case PEEK: case ALL: case ALL_THEN_CLOSED: case ALL_TIMES_OUT: case DONTWAIT: case PEEK_ALL:
  case PEEK_ALL_THEN_CLOSED: case WRONG_FLAGS: return has_flags;
  case TIMEOUT: case OWN_SHUTDOWN: case PEERS_SHUTDOWN: case RESET: return is_socket((enum kind)kind);
  case BAD_ADDRESS: return call != RECVMMSG;
  default: return true;
  }
}

static void in_situation(struct run *run) {
  int ends[2], situation = run->c;
  make_ends((enum kind)run->a, ends);
  struct later first = {5, send_bytes, ends[1], 0, "abc", 3, 0, 0, 0}, second = first, third = first;
  second.milliseconds = 10;
  third.milliseconds = 10;
  int64_t start = now();
  switch (situation) {
  case THERE: case PEEK: case NOTHING_ASKED: case TRUNCATED: case BAD_ADDRESS:
    if (write(ends[1], "abcdef", 6) != 6) note(run, "not written\n");
    if (situation == PEEK) receive_and_note(run, ends[0], 10, MSG_PEEK);
    if (situation == NOTHING_ASKED) receive_and_note(run, ends[0], 0, 0);
    if (situation == TRUNCATED) receive_and_note(run, ends[0], 2, MSG_TRUNC);
    if (situation == BAD_ADDRESS) note_result(run, "bad address", receive(run, ends[0], (void *)16, 10, 0));
    receive_and_note(run, ends[0], 10, is_byte_stream((enum kind)run->a) ? 0 : MSG_DONTWAIT);
    break;
  case LATER:
    start_later(&first);
    receive_and_note(run, ends[0], 10, 0);
    note_time(run, start, 4);
    end_later(&first);
    break;
  case CLOSED: case RESET:
    if (situation == RESET && write(ends[0], "unread", 6) != 6) note(run, "not written\n");
    if (situation == CLOSED && write(ends[1], "last", 4) != 4) note(run, "not written\n");
    close(ends[1]);
    ends[1] = -1;
    for (int i = 0; i < 3; i++) receive_and_note(run, ends[0], 10, 0);
    break;
  case CLOSES_LATER: case PEERS_SHUTDOWN:
    first.action = situation == CLOSES_LATER ? close_fd : shut_down_writing;
    start_later(&first);
    receive_and_note(run, ends[0], 10, 0);
    end_later(&first);
    if (situation == CLOSES_LATER) ends[1] = -1;
    break;
  case NONBLOCKING:
    set_nonblocking(ends[0]);
    receive_and_note(run, ends[0], 10, 0);
    if (write(ends[1], "abc", 3) != 3) note(run, "not written\n");
    receive_and_note(run, ends[0], 10, MSG_WAITALL);
    break;
  case TIMEOUT:
    set_timeout(ends[0], SO_RCVTIMEO, 30);
    receive_and_note(run, ends[0], 10, 0);
    note_time(run, start, 30);
    struct timeval time = {0, 0};
    socklen_t length = sizeof time;
    getsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &time, &length);
    note(run, "SO_RCVTIMEO is %ld.%06ld\n", (long)time.tv_sec, (long)time.tv_usec);
    break;
  case ALL: case PEEK_ALL:
    start_later(&first);
    start_after(&second, &first);
    start_after(&third, &second);
    receive_and_note(run, ends[0], 9, situation == ALL ? MSG_WAITALL : MSG_WAITALL | MSG_PEEK);
    end_later(&third);
    receive_and_note(run, ends[0], 9, MSG_DONTWAIT);
    break;
  case ALL_THEN_CLOSED: case PEEK_ALL_THEN_CLOSED:
    second.action = close_fd;
    start_later(&first);
    start_after(&second, &first);
    receive_and_note(run, ends[0], 9, situation == ALL_THEN_CLOSED ? MSG_WAITALL : MSG_WAITALL | MSG_PEEK);
    end_later(&second);
    ends[1] = -1;
    receive_and_note(run, ends[0], 9, MSG_DONTWAIT);
    break;
  case ALL_TIMES_OUT:
    set_timeout(ends[0], SO_RCVTIMEO, 120);
    start_later(&first);
    receive_and_note(run, ends[0], 9, MSG_WAITALL);
    end_later(&first);
    break;
  case DONTWAIT: receive_and_note(run, ends[0], 10, MSG_DONTWAIT); break;
  case WRONG_FLAGS: receive_and_note(run, ends[0], 10, MSG_OOB); break;
  case OWN_SHUTDOWN:
    shutdown(ends[0], SHUT_RD);
    receive_and_note(run, ends[0], 10, 0);
    break;
  case SEVERAL:
    for (int i = 0; i < 3; i++) {
      if (write(ends[1], "abcd", 4) != 4) note(run, "not written\n");
    }
    for (int i = 0; i < 3; i++) receive_and_note(run, ends[0], 4, 0);
    break;
  }
  close_ends(ends);
}

// ---- recvmmsg of several, and control data ------------------------------------------------------------------------

static void several_messages(struct run *run) {
  int ends[2];
  make_ends((enum kind)run->a, ends);
  char buffers[4][16] = {""};
  struct iovec parts[4];
  struct mmsghdr messages[4] = {0};
  for (int i = 0; i < 4; i++) {
    parts[i] = (struct iovec){buffers[i], 4};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  struct later more = {10, send_bytes, ends[1], 0, "efgh", 4, 0, 0, 0}, last = more;
  last.milliseconds = 20;
  if (write(ends[1], "abcd", 4) != 4 || write(ends[1], "ABCD", 4) != 4) note(run, "not written\n");
  struct timespec time = {run->c == 2 ? 10 : 0, run->c == 2 ? 0 : 1}, *given = run->c >= 2 ? &time : NULL;
  start_later(&more);
  start_after(&last, &more);
  set_timeout(ends[0], SO_RCVTIMEO, 100);
  static const int flags[] = {0, MSG_WAITFORONE, 0, 0, MSG_WAITALL, MSG_DONTWAIT};
  int result = recvmmsg(ends[0], messages, 4, flags[run->c], run->c == 4 ? NULL : given);
  note_result(run, "recvmmsg", result);
  for (int i = 0; i < result; i++) note_bytes(run, buffers[i], messages[i].msg_len);
  if (given != NULL) note(run, "%s\n", time.tv_sec >= 5 ? "time left" : "no time left");
  end_later(&last);
  close_ends(ends);
}

// A descriptor is sent along with the first or the second part.
static void control_data(struct run *run) {
  int ends[2];
  make_ends(UNIX_STREAM, ends);
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
  memcpy(CMSG_DATA(&control.header), &ends[0], sizeof(int));
  struct iovec part = {"abcd", 4};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                           .msg_controllen = sizeof control.bytes};
  if (run->c == 1 && write(ends[1], "before", 6) != 6) note(run, "not written\n");
  note_result(run, "sendmsg", sendmsg(ends[1], &message, 0));
  struct later more = {10, send_bytes, ends[1], 0, "efgh", 4, 0, 0, 0};
  start_later(&more);
  for (int i = 0; i < 2; i++) {
    char buffer[32] = "";
    struct iovec into = {buffer, 14};
    memset(&control, 0, sizeof control);
    struct msghdr received = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = sizeof control.bytes};
    set_timeout(ends[0], SO_RCVTIMEO, 120);
    long result = recvmsg(ends[0], &received, MSG_WAITALL | MSG_CMSG_CLOEXEC);
    note_result(run, "recvmsg", result);
    note(run, "control of %zu bytes, flags %#x\n", (size_t)received.msg_controllen, received.msg_flags);
    if (result > 0) note_bytes(run, buffer, (size_t)result);
    int fd;
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    if (received.msg_controllen > 0) note_result(run, "close", close(fd));
  }
  end_later(&more);
  close_ends(ends);
}

void add_receiving(void) {
  for (int kind = 0; kind < KINDS; kind++) {
    for (int call = 0; call < CALLS; call++) {
      if (kind == PIPE && call >= RECV) continue;
      for (int situation = 0; situation < SITUATIONS; situation++) {
        if (!applies(kind, call, situation)) continue;
        add(in_situation, kind, call, situation, "%s on %s: %s", calls[call], kind_names[kind], situations[situation]);
      }
    }
  }
  static const char *const ways[] = {
      "all", "MSG_WAITFORONE", "a long time", "no time", "MSG_WAITALL", "MSG_DONTWAIT",
  };
  for (int kind = 0; kind < PIPE; kind++) {
    for (int way = 0; way < 6; way++) {
      add(several_messages, kind, 0, way, "recvmmsg of four on %s: %s", kind_names[kind], ways[way]);
    }
  }
  add(control_data, 0, 0, 0, "recvmsg with MSG_WAITALL: a descriptor comes with the first bytes");
  add(control_data, 0, 0, 1, "recvmsg with MSG_WAITALL: a descriptor comes later");
}
