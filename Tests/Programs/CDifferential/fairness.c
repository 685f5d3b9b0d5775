// Calls that never have to wait, and locks that are taken again at once, while another is to get its turn too.

#include "differential.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { READ, RECV, RECVFROM, RECVMSG, READV, POLL, CALLS };
static const char *const calls[CALLS] = {"write and read", "send and recv", "sendto and recvfrom", "sendmsg and recvmsg",
                                         "writev and readv", "poll"};

static void naps(void *context) {
  for (int i = 0; i < 5; i++) usleep(1000);
  __atomic_store_n((bool *)context, true, __ATOMIC_RELAXED);
}

// One message there and one back, which is there already.
static long exchange(int call, int ends[2]) {
  char byte = 'x';
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  struct pollfd entry = {ends[1], POLLOUT, 0};
  switch (call) {
  case READ: return write(ends[1], &byte, 1) + read(ends[0], &byte, 1);
  case RECV: return send(ends[1], &byte, 1, 0) + recv(ends[0], &byte, 1, 0);
  case RECVFROM: return sendto(ends[1], &byte, 1, 0, NULL, 0) + recvfrom(ends[0], &byte, 1, 0, NULL, NULL);
  case RECVMSG: return sendmsg(ends[1], &message, 0) + recvmsg(ends[0], &message, 0);
  case READV: return writev(ends[1], &part, 1) + readv(ends[0], &part, 1);
  default: return poll(&entry, 1, 1000) + 1;
  }
}

static void always_ready(struct run *run) {
  int ends[2];
  make_ends((enum kind)run->a, ends);
  bool is_done = false;
  void *napping = run->world->spawn(naps, &is_done);
  int64_t end = now() + 3000000000;
  long result = 2;
  while (result == 2 && !__atomic_load_n(&is_done, __ATOMIC_RELAXED) && now() < end) {
    errno = 77;
    result = exchange(run->b, ends);
    if (errno != 77) note(run, "errno is %d\n", errno);
  }
  note(run, "result %ld, the other %s\n", result, __atomic_load_n(&is_done, __ATOMIC_RELAXED) ? "has had its turn" : "has never had its turn");
  run->world->join(napping);
  close_ends(ends);
}

// ---- Locks --------------------------------------------------------------------------------------------------------

struct contender {
  int kind; // of a mutex; -1 for a writer, -2 for a reader
  pthread_mutex_t *mutex;
  pthread_rwlock_t *lock;
  long sum;
};

static void contends(void *context) {
  struct contender *one = context;
  for (int i = 0; i < 20; i++) {
    errno = 77;
    if (one->kind >= 0) one->sum += pthread_mutex_lock(one->mutex);
    else one->sum += one->kind == -1 ? pthread_rwlock_wrlock(one->lock) : pthread_rwlock_rdlock(one->lock);
    if (one->kind == PTHREAD_MUTEX_RECURSIVE) {
      one->sum += pthread_mutex_lock(one->mutex);
      one->sum += pthread_mutex_unlock(one->mutex);
    }
    usleep(300);
    one->sum += one->kind >= 0 ? pthread_mutex_unlock(one->mutex) : pthread_rwlock_unlock(one->lock);
    one->sum += errno - 77;
  }
}

static void contention(struct run *run) {
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, run->a >= 0 ? run->a : 0);
  pthread_mutex_init(&mutex, &attributes);
  pthread_rwlock_t lock;
  pthread_rwlockattr_t preference;
  pthread_rwlockattr_init(&preference);
  pthread_rwlockattr_setkind_np(&preference, run->b);
  pthread_rwlock_init(&lock, &preference);
  struct contender contenders[3];
  void *spawned[3];
  for (int i = 0; i < 3; i++) {
    // Where they read, one writes.
    contenders[i] = (struct contender){run->a == -2 && i == 2 ? -1 : run->a, &mutex, &lock, 0};
    spawned[i] = run->world->spawn(contends, &contenders[i]);
  }
  for (int i = 0; i < 3; i++) {
    run->world->join(spawned[i]);
    note(run, "%d: %ld\n", i, contenders[i].sum);
  }
  note(run, "%d, %d\n", pthread_mutex_destroy(&mutex), pthread_rwlock_destroy(&lock));
}

void add_fairness(void) {
  for (int kind = 0; kind < KINDS; kind++) {
    for (int call = 0; call < CALLS; call++) {
      if (kind == PIPE && call >= RECV && call <= RECVMSG) continue;
      add(always_ready, kind, call, 0, "%s, always ready, on %s", calls[call], kind_names[kind]);
    }
  }
  static const char *const mutexes[] = {"a normal", "a recursive", "an error-checking"};
  for (int kind = 0; kind < 3; kind++) add(contention, kind, 0, 0, "three take %s mutex again and again", mutexes[kind]);
  add(contention, -1, 0, 0, "three write under a read-write lock again and again");
  add(contention, -2, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP, 0, "two read and one writes, which is preferred");
}
