// write, writev, pwritev2, send, sendto, sendmsg, sendmmsg on every kind of end, in many situations.

#include "differential.h"

#include <sys/socket.h>
#include <sys/uio.h>

static const char *const calls[] = {"write", "writev", "pwritev2", "send", "sendto", "sendmsg", "sendmmsg"};
enum { WRITE, WRITEV, PWRITEV2, SEND, SENDTO, SENDMSG, SENDMMSG, CALLS };

static long transmit(struct run *run, int fd, const void *bytes, size_t count, int flags) {
  struct iovec parts[3] = {{(void *)bytes, count / 3}, {(char *)bytes + count / 3, count / 3},
                           {(char *)bytes + count / 3 * 2, count - count / 3 * 2}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};
  struct mmsghdr messages[1] = {{.msg_hdr = message}};
  long result;
  switch (run->b) {
  case WRITE: return write(fd, bytes, count);
  case WRITEV: return writev(fd, parts, 3);
  case PWRITEV2: return pwritev2(fd, parts, 3, -1, 0);
  case SEND: return send(fd, bytes, count, flags);
  case SENDTO: return sendto(fd, bytes, count, flags, NULL, 0);
  case SENDMSG: return sendmsg(fd, &message, flags);
  default:
    result = sendmmsg(fd, messages, 1, flags);
    return result == 1 ? (long)messages[0].msg_len : result;
  }
}

#define BIG 1200000
static char *big(void) {
  char *bytes = malloc(BIG);
  if (bytes == NULL) abort();
  for (size_t i = 0; i < BIG; i++) bytes[i] = (char)('a' + i % 26);
  return bytes;
}

// How many of the bytes have gone is a matter of buffers and of time.
static void note_part(struct run *run, const char *call, long result, long all) {
  if (result > 0 && result < all) note(run, "%s: a part\n", call);
  else note_result(run, call, result);
}

static void fill(int fd, enum kind kind) {
  static const char bytes[4096];
  for (int round = 0; round < 2; round++) {
    if (is_socket(kind)) {
      while (send(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
    } else {
      struct iovec part = {(void *)bytes, sizeof bytes};
      while (pwritev2(fd, &part, 1, -1, RWF_NOWAIT) > 0) {}
    }
    usleep(2000);
  }
}

// A connection whose buffers the kernel enlarges takes all that is big, when whoever closes it comes late.
static void bound_buffers(int ends[2]) {
  int bytes = 65536;
  setsockopt(ends[0], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

enum {
  FITS, BIG_WITH_READER, FULL_NONBLOCKING, FULL_TIMEOUT, FULL_LATER, PART_TIMEOUT, CLOSED, CLOSES_MIDWAY, OWN_SHUTDOWN,
  NO_BYTES, BAD_ADDRESS, FULL_DONTWAIT, PART_NONBLOCKING, SITUATIONS
};
static const char *const situations[] = {
    "fits", "big, with a slow reader", "full, O_NONBLOCK", "full, SO_SNDTIMEO", "full, room later",
    "big, a part until SO_SNDTIMEO", "peer closed", "big, peer closes midway", "own shutdown", "no bytes",
    "bad address", "full, MSG_DONTWAIT", "big, O_NONBLOCK",
};

static bool applies(int kind, int call, int situation) {
  // A UDP socket never is full for long.
  bool can_be_full = kind != UDP;
  switch (situation) {
  case FULL_NONBLOCKING: case FULL_LATER: return can_be_full;
  case FULL_TIMEOUT: return can_be_full && is_socket((enum kind)kind);
  case FULL_DONTWAIT: return can_be_full && call >= SEND;
  case PART_TIMEOUT: case OWN_SHUTDOWN: return is_socket((enum kind)kind);
  case BAD_ADDRESS: return call != SENDMMSG;
  default: return true;
  }
}

static void in_situation(struct run *run) {
  int ends[2], situation = run->c;
  enum kind kind = (enum kind)run->a;
  const char *call = calls[run->b];
  make_ends(kind, ends);
  if (kind == TCP && (situation == PART_TIMEOUT || situation == PART_NONBLOCKING || situation == CLOSES_MIDWAY)) {
    bound_buffers(ends);
  }
  char *bytes = big();
  int64_t start = now();
  struct later reader = {5, drain, ends[0], 0, NULL, 0, 0, 0, 0};
  switch (situation) {
  case FITS:
    note_result(run, call, transmit(run, ends[1], "abcdefg", 7, 0));
    char buffer[20];
    long count = read(ends[0], buffer, sizeof buffer);
    note_bytes(run, buffer, count > 0 ? (size_t)count : 0);
    break;
  case BIG_WITH_READER:
    set_timeout(ends[1], SO_SNDTIMEO, 20000);
    start_later(&reader);
    note_result(run, call, transmit(run, ends[1], bytes, BIG, 0));
    close(ends[1]);
    ends[1] = -1;
    end_later(&reader);
    note(run, "read: %ld\n", reader.result);
    break;
  case FULL_NONBLOCKING:
    fill(ends[1], kind);
    set_nonblocking(ends[1]);
    note_result(run, call, transmit(run, ends[1], bytes, 5000, 0));
    break;
  case FULL_TIMEOUT:
    set_timeout(ends[1], SO_SNDTIMEO, 30);
    fill(ends[1], kind);
    start = now();
    note_result(run, call, transmit(run, ends[1], bytes, 5000, 0));
    note_time(run, start, 30);
    break;
  case FULL_LATER:
    fill(ends[1], kind);
    reader.milliseconds = 10;
    start_later(&reader);
    note_result(run, call, transmit(run, ends[1], bytes, 5000, 0));
    close(ends[1]);
    ends[1] = -1;
    end_later(&reader);
    break;
  case PART_TIMEOUT:
    set_timeout(ends[1], SO_SNDTIMEO, 30);
    note_part(run, call, transmit(run, ends[1], bytes, BIG, 0), BIG);
    break;
  case PART_NONBLOCKING:
    set_nonblocking(ends[1]);
    note_part(run, call, transmit(run, ends[1], bytes, BIG, 0), BIG);
    break;
  case CLOSED:
    close(ends[0]);
    ends[0] = -1;
    // Of TCP, only the answer to the first tells that nobody is there.
    if (kind == TCP || kind == UDP) transmit(run, ends[1], "a", 1, MSG_NOSIGNAL);
    usleep(5000);
    for (int i = 0; i < 2; i++) note_result(run, call, transmit(run, ends[1], "abcdef", 6, MSG_NOSIGNAL));
    break;
  case CLOSES_MIDWAY:
    reader.action = close_fd;
    reader.milliseconds = 10;
    start_later(&reader);
    note_part(run, call, transmit(run, ends[1], bytes, BIG, MSG_NOSIGNAL), BIG);
    end_later(&reader);
    ends[0] = -1;
    usleep(2000);
    note_result(run, "then", transmit(run, ends[1], bytes, 10, MSG_NOSIGNAL));
    note_result(run, "then", transmit(run, ends[1], bytes, 10, MSG_NOSIGNAL));
    break;
  case OWN_SHUTDOWN:
    shutdown(ends[1], SHUT_WR);
    note_result(run, call, transmit(run, ends[1], "abcdef", 6, MSG_NOSIGNAL));
    break;
  case NO_BYTES:
    note_result(run, call, transmit(run, ends[1], "", 0, 0));
    break;
  case BAD_ADDRESS:
    note_result(run, call, transmit(run, ends[1], (void *)16, 9, 0));
    break;
  case FULL_DONTWAIT:
    fill(ends[1], kind);
    note_result(run, call, transmit(run, ends[1], bytes, 5000, MSG_DONTWAIT));
    break;
  }
  if (ends[1] >= 0) note_flags(run, ends[1]);
  free(bytes);
  close_ends(ends);
}

static void several_messages(struct run *run) {
  int ends[2];
  enum kind kind = (enum kind)run->a;
  make_ends(kind, ends);
  set_timeout(ends[1], SO_SNDTIMEO, run->c == 0 ? 20000 : 30);
  char *bytes = big();
  struct iovec parts[20];
  struct mmsghdr messages[20] = {0};
  size_t each = is_byte_stream(kind) ? BIG / 20 : 20000;
  for (int i = 0; i < 20; i++) {
    parts[i] = (struct iovec){bytes + each * (size_t)i, each};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  struct later reader = {5, drain, ends[0], 0, NULL, 0, 0, 0, 0};
  if (run->c == 0) start_later(&reader);
  int result = sendmmsg(ends[1], messages, 20, 0);
  // Without a reader, how many fit is a matter of buffers.
  if (run->c == 0 || result <= 0 || result == 20) note_result(run, "sendmmsg", result);
  else note(run, "sendmmsg: some\n");
  for (int i = 0; i < result && run->c == 0; i++) note(run, "%u ", messages[i].msg_len);
  close(ends[1]);
  ends[1] = -1;
  if (run->c == 0) end_later(&reader);
  if (run->c == 0 && kind != UDP) note(run, "\nread: %ld\n", reader.result);
  free(bytes);
  close_ends(ends);
}

void add_sending(void) {
  for (int kind = 0; kind < KINDS; kind++) {
    for (int call = 0; call < CALLS; call++) {
      if (kind == PIPE && call >= SEND) continue;
      for (int situation = 0; situation < SITUATIONS; situation++) {
        if (!applies(kind, call, situation)) continue;
        add(in_situation, kind, call, situation, "%s on %s: %s", calls[call], kind_names[kind], situations[situation]);
      }
    }
  }
  for (int kind = 0; kind < PIPE; kind++) {
    add(several_messages, kind, 0, 0, "sendmmsg of twenty on %s, with a slow reader", kind_names[kind]);
    if (kind != UDP) add(several_messages, kind, 0, 1, "sendmmsg of twenty on %s, until SO_SNDTIMEO", kind_names[kind]);
  }
}
