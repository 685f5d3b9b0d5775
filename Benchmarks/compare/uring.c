// What io_uring would take: a server that answers without looking at the request, as epoll.c does, by multishot receives and
// sends that are given to the kernel together.
//
// One thread, one ring. A connection is received from by one multishot request for its whole life, into buffers that the
// kernel picks from a ring of them. Answers are queued and go to the kernel with the call that waits for more, so a batch
// of requests costs one system call.
//
//     uring PORT [--response FILE]
//
// By the kernel's interface itself (Linux 6.1), without liburing. docs/io-uring.md has what it was measured for.

#define _GNU_SOURCE
#define PROGRAM "uring"
#include "ceiling.h"

#include <linux/io_uring.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { submissions = 4096, completions = 16384, buffers = 4096, buffer_bytes = 2048 };
enum kind { accepted = 1, received, sent };

static int ring;
static struct io_uring_sqe *sqes;
static unsigned *sq_head, *sq_tail, *sq_array, sq_mask, *cq_head, *cq_tail, cq_mask;
static struct io_uring_cqe *cqes;
static unsigned queued;
static struct io_uring_buf_ring *pool;
static char *pool_bytes;
static unsigned short pool_tail;

static void enter(unsigned wait) {
  unsigned flags = wait ? IORING_ENTER_GETEVENTS : 0;
  long taken = syscall(SYS_io_uring_enter, ring, queued, wait, flags, NULL, 0);
  if (taken >= 0) queued -= (unsigned)taken;
  else if (errno != EINTR && errno != EBUSY) fail("io_uring_enter");
}

static void *map(size_t bytes, off_t offset) {
  void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
  if (start == MAP_FAILED) fail("mmap");
  return start;
}

static void open_ring(void) {
  struct io_uring_params params = {
    .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, .cq_entries = completions};
  ring = (int)syscall(SYS_io_uring_setup, submissions, &params);
  if (ring < 0) fail("io_uring_setup");
  size_t sq_bytes = params.sq_off.array + params.sq_entries * sizeof(unsigned);
  size_t cq_bytes = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
  char *base = map(sq_bytes > cq_bytes ? sq_bytes : cq_bytes, IORING_OFF_SQ_RING);
  sqes = map(params.sq_entries * sizeof *sqes, IORING_OFF_SQES);
  sq_head = (unsigned *)(base + params.sq_off.head);
  sq_tail = (unsigned *)(base + params.sq_off.tail);
  sq_array = (unsigned *)(base + params.sq_off.array);
  sq_mask = params.sq_entries - 1;
  cq_head = (unsigned *)(base + params.cq_off.head);
  cq_tail = (unsigned *)(base + params.cq_off.tail);
  cq_mask = params.cq_entries - 1;
  cqes = (struct io_uring_cqe *)(base + params.cq_off.cqes);
}

static void give_back(unsigned short number) {
  struct io_uring_buf *entry = &pool->bufs[pool_tail++ & (buffers - 1)];
  entry->addr = (uintptr_t)(pool_bytes + (size_t)number * buffer_bytes);
  entry->len = buffer_bytes;
  entry->bid = number;
}

static void publish_buffers(void) { __atomic_store_n(&pool->tail, pool_tail, __ATOMIC_RELEASE); }

static void open_pool(void) {
  pool = mmap(NULL, buffers * sizeof(struct io_uring_buf), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pool_bytes = mmap(NULL, (size_t)buffers * buffer_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pool == MAP_FAILED || pool_bytes == MAP_FAILED) fail("mmap");
  struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)pool, .ring_entries = buffers, .bgid = 0};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_PBUF_RING, &registration, 1) < 0) fail("register");
  for (unsigned short number = 0; number < buffers; number++) give_back(number);
  publish_buffers();
}

static struct io_uring_sqe *next(enum kind kind, int descriptor) {
  unsigned tail = *sq_tail;
  while (tail - __atomic_load_n(sq_head, __ATOMIC_ACQUIRE) > sq_mask) enter(0);
  struct io_uring_sqe *entry = &sqes[tail & sq_mask];
  memset(entry, 0, sizeof *entry);
  sq_array[tail & sq_mask] = tail & sq_mask;
  entry->fd = descriptor;
  entry->user_data = (uint64_t)kind << 32 | (uint32_t)descriptor;
  __atomic_store_n(sq_tail, tail + 1, __ATOMIC_RELEASE);
  queued++;
  return entry;
}

static void accept_more(int listener) {
  struct io_uring_sqe *entry = next(accepted, listener);
  entry->opcode = IORING_OP_ACCEPT;
  entry->ioprio = IORING_ACCEPT_MULTISHOT;
  entry->accept_flags = SOCK_CLOEXEC;
}

static void receive_more(int descriptor) {
  struct io_uring_sqe *entry = next(received, descriptor);
  entry->opcode = IORING_OP_RECV;
  entry->ioprio = IORING_RECV_MULTISHOT;
  entry->flags = IOSQE_BUFFER_SELECT;
  entry->buf_group = 0;
}

static void answer(int descriptor) {
  struct io_uring_sqe *entry = next(sent, descriptor);
  entry->opcode = IORING_OP_SEND;
  entry->addr = (uintptr_t)response;
  entry->len = (unsigned)response_length;
  entry->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
  entry->flags = IOSQE_CQE_SKIP_SUCCESS;
}

static void complete(const struct io_uring_cqe *event, int listener) {
  int descriptor = (int)(uint32_t)event->user_data;
  int more = event->flags & IORING_CQE_F_MORE;
  switch ((enum kind)(event->user_data >> 32)) {
  case accepted:
    if (event->res >= 0) receive_more(event->res);
    if (!more) accept_more(listener);
    return;
  case received:
    if (event->flags & IORING_CQE_F_BUFFER) give_back((unsigned short)(event->flags >> IORING_CQE_BUFFER_SHIFT));
    if (event->res > 0) answer(descriptor);
    else if (event->res != -ENOBUFS) {
      close(descriptor);
      return;
    }
    if (!more) receive_more(descriptor);
    return;
  case sent: // one that failed: the receive tells the same
    return;
  }
}

int main(int count, char **arguments) {
  if (count != 2 && !(count == 4 && strcmp(arguments[2], "--response") == 0)) {
    fprintf(stderr, "usage: uring PORT [--response FILE]\n");
    return 2;
  }
  if (count == 4) read_response(arguments[3]);
  else response_length = (size_t)snprintf(response, sizeof response, "%s", HEAD "\r\nHello, World");
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  allow_descriptors(65536);
  int listener = listen_on(atoi(arguments[1]), 0);
  open_ring();
  open_pool();
  accept_more(listener);
  for (;;) {
    enter(1);
    unsigned head = *cq_head, tail = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);
    for (; head != tail; head++) complete(&cqes[head & cq_mask], listener);
    __atomic_store_n(cq_head, head, __ATOMIC_RELEASE);
    publish_buffers();
  }
}
