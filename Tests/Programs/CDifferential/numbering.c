// MSG_ZEROCOPY: by which numbers the kernel tells that what was sent is its caller's again.

#include "differential.h"

#include <limits.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define LONG 300000

// The highest number that has come, up to `last`; -1 for none after so many looks.
static int wait_for_number(int fd, int last, int looks) {
  int highest = -1, saved = errno;
  for (int i = 0; i < looks && highest < last; i++) {
    char control[256];
    struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, MSG_ERRQUEUE) < 0) {
      usleep(10000);
      continue;
    }
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one != NULL; one = CMSG_NXTHDR(&message, one)) {
      struct sock_extended_err error;
      memcpy(&error, CMSG_DATA(one), sizeof error);
      if (error.ee_origin == SO_EE_ORIGIN_ZEROCOPY && (int)error.ee_data > highest) highest = (int)error.ee_data;
    }
  }
  errno = saved;
  return highest;
}

static void read_all(struct later *later) {
  static char buffer[20000];
  while (read(later->fd, buffer, sizeof buffer) > 0) {}
}

static long transmit(struct run *run, int fd, char *bytes) {
  struct iovec part = {bytes, LONG};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  struct mmsghdr messages[1] = {{.msg_hdr = message}};
  if (run->a == 0) return send(fd, bytes, LONG, MSG_ZEROCOPY);
  if (run->a == 1) return sendmsg(fd, &message, MSG_ZEROCOPY);
  return sendmmsg(fd, messages, 1, MSG_ZEROCOPY) == 1 ? (long)messages[0].msg_len : -1;
}

static void numbers(struct run *run) {
  int ends[2], yes = 1, size = 65536;
  make_ends(TCP, ends);
  set_timeout(ends[0], SO_RCVTIMEO, 0);
  set_timeout(ends[1], SO_SNDTIMEO, 20000);
  setsockopt(ends[0], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  char *bytes = calloc(1, LONG);
  if (bytes == NULL) abort();
  struct later reader = {0, read_all, ends[0], 0, NULL, 0, 0, 0, 0};
  start_later(&reader);
  if (setsockopt(ends[1], SOL_SOCKET, SO_ZEROCOPY, &yes, sizeof yes) == 0) {
    for (int i = 0; i < 2; i++) {
      long result = transmit(run, ends[1], bytes);
      note_result(run, "sent", result);
      if (result > 0) note(run, "number %d\n", wait_for_number(ends[1], i, 500));
    }
    note(run, "then %d\n", wait_for_number(ends[1], INT_MAX, 10));
  }
  close(ends[1]);
  ends[1] = -1;
  end_later(&reader);
  free(bytes);
  close_ends(ends);
}

void add_numbering(void) {
  static const char *const calls[] = {"send", "sendmsg", "sendmmsg"};
  for (int call = 0; call < 3; call++) add(numbers, call, 0, 0, "%s with MSG_ZEROCOPY: the numbers", calls[call]);
}
