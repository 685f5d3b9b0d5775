// Arguments at their edges: more than there can be, less than nothing, and memory that ends where it is said to.

#include "differential.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>

// ---- Memory whose end is guarded ----------------------------------------------------------------------------------

#define GUARDED (1 << 20)

struct guarded {
  char *memory, *end;
};

static struct guarded make_guarded(void) {
  char *memory = mmap(NULL, GUARDED + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + GUARDED, 4096, PROT_NONE) != 0) abort();
  return (struct guarded){memory, memory + GUARDED};
}

static void free_guarded(struct guarded *guarded) { munmap(guarded->memory, GUARDED + 4096); }

// ---- select and its kin -------------------------------------------------------------------------------------------

// How many descriptors the kernel has room for in this process's table.
static int table_size(void) {
  char line[256];
  int size = 0;
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) sscanf(line, "FDSize: %d", &size);
  if (status != NULL) fclose(status);
  return size < FD_SETSIZE ? FD_SETSIZE : size;
}

// The old idiom: as many as there may ever be, with a set for as many as there are.
static void select_of_many(struct run *run) {
  static const int counts[] = {65536, 1 << 20, INT_MAX};
  int ends[2], size = table_size();
  make_ends(PIPE, ends);
  struct later later = {10, send_bytes, ends[1], 0, "a", 1, 0, 0, 0};
  for (int i = 0; i < 3; i++) {
    struct guarded guarded = make_guarded();
    fd_set *set = (fd_set *)(guarded.end - size / 8);
    unsigned char *bytes = (unsigned char *)set;
    bytes[ends[0] / 8] |= (unsigned char)(1 << ends[0] % 8);
    struct timeval soon = {0, 5000};
    struct timespec long_time = {5, 0};
    if (i == 0) note_result(run, "select of nothing", select(counts[i], set, NULL, NULL, &soon));
    bytes[ends[0] / 8] |= (unsigned char)(1 << ends[0] % 8);
    if (i == 0) start_later(&later);
    if (run->a == 0) note_result(run, "select", select(counts[i], set, NULL, NULL, NULL));
    else note_result(run, "pselect", pselect(counts[i], NULL, NULL, set, &(struct timespec){0, 1000000}, NULL));
    if (run->a == 1) {
      bytes[ends[0] / 8] |= (unsigned char)(1 << ends[0] % 8);
      note_result(run, "pselect", pselect(counts[i], set, NULL, NULL, &long_time, NULL));
    }
    if (i == 0) end_later(&later);
    unsigned sum = 0;
    for (int byte = 0; byte < size / 8; byte++) sum += bytes[byte];
    note(run, "%s\n", sum == 1u << ends[0] % 8 ? "its bit alone" : "others");
    free_guarded(&guarded);
  }
  close_ends(ends);
}

// A number that the table has no room for is not looked at.
static void select_beyond(struct run *run) {
  int ends[2];
  make_ends(PIPE, ends);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  FD_SET(1000, &set);
  struct timeval time = {0, 20000};
  int64_t start = now();
  note_result(run, "select", select(FD_SETSIZE, &set, NULL, NULL, &time));
  note_time(run, start, FD_ISSET(1000, &set) ? 20 : 0);
  note_result(run, "a negative count", select(INT_MIN, &set, NULL, NULL, &time));
  note_result(run, "a negative count", pselect(-1, &set, NULL, NULL, NULL, NULL));
  close_ends(ends);
}

#if !__has_feature(address_sanitizer)
static void poll_of_many(struct run *run) {
  int ends[2];
  make_ends(PIPE, ends);
  struct guarded guarded = make_guarded();
  struct pollfd *fds = (struct pollfd *)guarded.end - 1;
  *fds = (struct pollfd){ends[0], POLLIN, 0};
  struct timespec time = {0, 5000000};
  static const unsigned long counts[] = {1ul << 31, 1ul << 40, ULONG_MAX, 0};
  for (int i = 0; i < 4; i++) {
    note_result(run, "poll", poll(fds, counts[i], 5));
    note_result(run, "ppoll", ppoll(fds, counts[i], &time, NULL));
  }
  note_result(run, "two, of which one is not there", poll(fds, 2, 5));
  if (write(ends[1], "a", 1) != 1) abort();
  note_result(run, "without end, far below 0", poll(fds, 1, INT_MIN));
  free_guarded(&guarded);
  close_ends(ends);
}
#endif

static void epoll_of_many(struct run *run) {
  static const int counts[] = {INT_MAX, INT_MIN, -1, 0, INT_MAX / 12, INT_MAX / 12 + 1};
  int ends[2], set = epoll_create1(EPOLL_CLOEXEC);
  make_ends(PIPE, ends);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = 5}, found;
  epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event);
  if (write(ends[1], "a", 1) != 1) abort();
  struct timespec time = {0, 5000000};
  for (int i = 0; i < 6; i++) {
    note_result(run, "epoll_wait", epoll_wait(set, &found, counts[i], 5));
    note_result(run, "epoll_pwait", epoll_pwait(set, &found, counts[i], 5, NULL));
    note_result(run, "epoll_pwait2", epoll_pwait2(set, &found, counts[i], &time, NULL));
  }
  close(set);
  close_ends(ends);
}

// ---- Vectors ------------------------------------------------------------------------------------------------------

// More parts than a call takes, where there is memory for one only.
static void many_parts(struct run *run) {
  int ends[2];
  make_ends((enum kind)run->a, ends);
  struct guarded guarded = make_guarded();
  struct iovec *part = (struct iovec *)guarded.end - 1;
  char bytes[16] = "abcdefg";
  *part = (struct iovec){bytes, 7};
  static const long counts[] = {IOV_MAX + 1, INT_MAX, -1, INT_MIN, 0};
  for (int i = 0; i < 5; i++) {
    note_result(run, "writev", writev(ends[1], part, (int)counts[i]));
    note_result(run, "pwritev2", pwritev2(ends[1], part, (int)counts[i], -1, 0));
    if (counts[i] == 0) continue;
    note_result(run, "readv", readv(ends[0], part, (int)counts[i]));
    note_result(run, "preadv2", preadv2(ends[0], part, (int)counts[i], -1, 0));
    if (!is_socket((enum kind)run->a)) continue;
    struct msghdr message = {.msg_iov = part, .msg_iovlen = (size_t)counts[i]};
    struct mmsghdr messages = {.msg_hdr = message};
    note_result(run, "sendmsg", sendmsg(ends[1], &message, 0));
    note_result(run, "recvmsg", recvmsg(ends[0], &message, 0));
    note_result(run, "recvmsg", recvmsg(ends[0], &message, MSG_WAITALL));
    note_result(run, "sendmmsg", sendmmsg(ends[1], &messages, 1, 0));
    note_result(run, "recvmmsg", recvmmsg(ends[0], &messages, 1, 0, NULL));
    note_result(run, "recvmmsg", recvmmsg(ends[0], &messages, 1, MSG_WAITALL, NULL));
  }
  free_guarded(&guarded);
  close_ends(ends);
}

// Parts that are longer than there is memory, one with the other or alone, and parts that are nowhere.
static void wrong_parts(struct run *run) {
  int ends[2];
  enum kind kind = (enum kind)run->a;
  make_ends(kind, ends);
  char bytes[16] = "abcdefg";
  struct iovec wrong[][2] = {{{bytes, SIZE_MAX}, {bytes, 1}}, {{bytes, SSIZE_MAX}, {bytes, SSIZE_MAX}},
                             {{bytes, 3}, {bytes, SIZE_MAX - 2}}, {{(void *)16, 5}, {bytes, 5}},
                             {{bytes, 0}, {NULL, 0}}, {{bytes, SSIZE_MAX}, {bytes, SSIZE_MAX + 1ul}}};
  for (int i = 0; i < 6; i++) {
    bool is_empty = i == 4;
    note_result(run, "writev", writev(ends[1], wrong[i], 2));
    if (is_empty && is_socket(kind) && !is_byte_stream(kind)) note_result(run, "read", read(ends[0], bytes, 8));
    // Something to be had, unless the call is to find fault with its arguments before it looks.
    if (write(ends[1], "abcdefg", 7) != 7) note(run, "not written\n");
    note_result(run, "readv", readv(ends[0], wrong[i], 2));
    note_result(run, "preadv2", is_empty ? 0 : preadv2(ends[0], wrong[i], 2, -1, 0));
    if (!is_socket(kind)) continue;
    struct msghdr message = {.msg_iov = wrong[i], .msg_iovlen = 2};
    note_result(run, "sendmsg", sendmsg(ends[1], &message, 0));
    note_result(run, "recvmsg", recvmsg(ends[0], &message, 0));
    note_result(run, "rest", recv(ends[0], bytes, 8, MSG_DONTWAIT));
  }
  struct msghdr nowhere = {.msg_iov = NULL, .msg_iovlen = 2};
  note_result(run, "sendmsg of no parts", sendmsg(ends[1], &nowhere, 0));
  nowhere.msg_iov = (struct iovec *)16;
  note_result(run, "sendmsg of no parts", sendmsg(ends[1], &nowhere, 0));
  note_result(run, "sendmsg of nothing", sendmsg(ends[1], NULL, 0));
  note_result(run, "writev of no parts", writev(ends[1], NULL, 2));
  close_ends(ends);
}

// Counts of bytes that no call moves, and none.
static void wrong_counts(struct run *run) {
  int ends[2];
  enum kind kind = (enum kind)run->a;
  make_ends(kind, ends);
  char bytes[16] = "abcdefg";
  static const size_t counts[] = {SIZE_MAX, SSIZE_MAX + 1ul, SSIZE_MAX, 0};
  for (int i = 0; i < 4; i++) {
    // The third would be cut to two thousand million, for which there would have to be memory.
    char *buffer = i == 2 ? (char *)16 : bytes;
    note_result(run, "write", write(ends[1], buffer, counts[i]));
    if (is_socket(kind)) note_result(run, "send", send(ends[1], (char *)16, counts[i], 0));
    if (is_socket(kind)) note_result(run, "sendto", sendto(ends[1], (char *)16, counts[i], 0, NULL, 0));
    if (write(ends[1], "abcdefg", 7) != 7) note(run, "not written\n");
    note_result(run, "read", read(ends[0], buffer, counts[i]));
    if (is_socket(kind)) note_result(run, "recv", recv(ends[0], (char *)16, counts[i], MSG_DONTWAIT));
    if (is_socket(kind)) note_result(run, "rest", recv(ends[0], bytes, 8, MSG_DONTWAIT));
    if (is_socket(kind)) note_result(run, "rest", recv(ends[0], bytes, 8, MSG_DONTWAIT));
  }
  close_ends(ends);
}

// More messages than one call sends.
static void many_messages(struct run *run) {
  enum { COUNT = 1100 };
  static _Thread_local struct mmsghdr messages[COUNT];
  struct iovec part = {"a", 1};
  int ends[2];
  make_ends(UDP, ends);
  for (int i = 0; i < COUNT; i++) messages[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
  note_result(run, "sendmmsg", sendmmsg(ends[1], messages, COUNT, 0));
  note_result(run, "sendmmsg of none", sendmmsg(ends[1], messages, 0, 0));
  note_result(run, "sendmmsg of nothing", sendmmsg(ends[1], NULL, 1, 0));
  note_result(run, "sendmmsg of nothing", sendmmsg(ends[1], (struct mmsghdr *)16, UINT_MAX, 0));
  note_result(run, "recvmmsg of nothing", recvmmsg(ends[0], NULL, 1, 0, NULL));
  note_result(run, "recvmmsg of none", recvmmsg(ends[0], messages, 0, 0, NULL));
  struct timespec wrong = {0, -1};
  note_result(run, "recvmmsg with a wrong time", recvmmsg(ends[0], messages, 1, 0, &wrong));
  close_ends(ends);
}

void add_edges(void) {
  add(select_of_many, 0, 0, 0, "select of more descriptors than there can be");
  add(select_of_many, 1, 0, 0, "pselect of more descriptors than there can be");
  add(select_beyond, 0, 0, 0, "select of a number beyond the table");
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // whose own poll looks at as many as it is told of
  add(poll_of_many, 0, 0, 0, "poll of more descriptors than there can be");
#endif
  add(epoll_of_many, 0, 0, 0, "epoll_wait for more events than there can be");
  for (int kind = 0; kind < KINDS; kind++) {
    add(many_parts, kind, 0, 0, "more parts than a call takes, on %s", kind_names[kind]);
    add(wrong_parts, kind, 0, 0, "parts without memory, on %s", kind_names[kind]);
    add(wrong_counts, kind, 0, 0, "counts that no call moves, on %s", kind_names[kind]);
  }
  add(many_messages, 0, 0, 0, "sendmmsg of more messages than it takes");
}
