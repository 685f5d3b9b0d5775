// Queues and semaphores of POSIX and of System V.

#include "differential.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

// ---- POSIX --------------------------------------------------------------------------------------------------------

enum { RECEIVE, TIMED_RECEIVE, SEND, TIMED_SEND, POSIX_CALLS };
static const char *const posix_calls[] = {"mq_receive", "mq_timedreceive", "mq_send", "mq_timedsend"};
enum { AT_ONCE, LATER, PASSED, TIMES_OUT, NO_TIME, NONBLOCKING, SMALL, CLOSED, SITUATIONS };
static const char *const situations[] = {"at once", "later", "a passed time", "a time that passes", "no time", "O_NONBLOCK",
                                         "a wrong size", "no queue"};

static void give(struct later *later) { later->result = mq_send(later->fd, "later", 5, 7); }
static void take(struct later *later) {
  char text[16];
  later->result = mq_receive(later->fd, text, sizeof text, NULL);
}

static struct timespec time_in(int milliseconds) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  int64_t nanoseconds = time.tv_nsec + (int64_t)milliseconds * 1000000;
  return (struct timespec){time.tv_sec + nanoseconds / 1000000000, nanoseconds % 1000000000};
}

static void posix_queue(struct run *run) {
  bool is_receiving = run->a <= TIMED_RECEIVE, is_ready = run->b == AT_ONCE;
  char name[64];
  snprintf(name, sizeof name, "/greenfinch-differential-%d", getpid());
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 16};
  int flags = O_CREAT | O_RDWR | (run->b == NONBLOCKING ? O_NONBLOCK : 0);
  mqd_t queue = mq_open(name, flags, 0600, &attributes);
  mq_unlink(name);
  if (is_receiving == is_ready) mq_send(queue, "first", 5, 3);
  int64_t start = now();
  struct timespec time = run->b == PASSED ? (struct timespec){1, 0} : run->b == TIMES_OUT ? time_in(30)
    : run->b == NO_TIME ? (struct timespec){0, -1} : time_in(30000);
  struct later later = {10, is_receiving ? give : take, queue, 0, NULL, 0, 0, 0, 0};
  if (run->b == LATER) start_later(&later);
  if (run->b == CLOSED) mq_close(queue);
  char text[16] = "";
  unsigned priority = 0;
  size_t size = run->b != SMALL ? 16 : is_receiving ? 4 : 17;
  errno = EXDEV;
  long result = run->a == RECEIVE ? mq_receive(queue, text, size, &priority)
    : run->a == TIMED_RECEIVE ? mq_timedreceive(queue, text, size, &priority, &time)
    : run->a == SEND ? mq_send(queue, text, size, 1) : mq_timedsend(queue, text, size, 1, &time);
  note_result(run, posix_calls[run->a], result);
  if (is_receiving && result > 0) note(run, "%.*s, priority %u\n", (int)result, text, priority);
  note_time(run, start, run->b == LATER ? 9 : run->b == TIMES_OUT ? 29 : 0);
  if (run->b == LATER) end_later(&later);
  if (run->b != CLOSED) mq_close(queue);
}

static void add_posix(void) {
  for (int call = 0; call < POSIX_CALLS; call++) {
    for (int situation = 0; situation < SITUATIONS; situation++) {
      bool is_timed = call == TIMED_RECEIVE || call == TIMED_SEND;
      if (!is_timed && situation >= PASSED && situation <= NO_TIME) continue;
      add(posix_queue, call, situation, 0, "%s: %s", posix_calls[call], situations[situation]);
    }
  }
}

// ---- System V -----------------------------------------------------------------------------------------------------

struct letter {
  long type;
  char text[64];
};

static void post(struct later *later) {
  struct letter letter = {3, "later"};
  later->result = msgsnd(later->fd, &letter, 6, 0);
}
static void take_any(struct later *later) {
  struct letter letter;
  later->result = msgrcv(later->fd, &letter, sizeof letter.text, 0, 0);
}
static void remove_queue(struct later *later) { msgctl(later->fd, IPC_RMID, NULL); }

// `b`: 0 later, 1 IPC_NOWAIT, 2 removed meanwhile, 3 at once, 4 of another type, 5 too small.
static void receiving(struct run *run) {
  int queue = msgget(IPC_PRIVATE, 0600);
  struct letter letter = {run->b == 4 ? 2 : 3, "at once"};
  if (run->b >= 3) msgsnd(queue, &letter, 8, 0);
  struct later later = {10, run->b == 2 ? remove_queue : post, queue, 0, NULL, 0, 0, 0, 0};
  bool is_later = run->b == 0 || run->b == 2 || run->b == 4;
  if (is_later) start_later(&later);
  errno = EXDEV;
  long result = msgrcv(queue, &letter, run->b == 5 ? 3 : sizeof letter.text, 3, run->b == 1 ? IPC_NOWAIT : 0);
  note_result(run, "msgrcv", result);
  if (result > 0) note(run, "%s of type %ld\n", letter.text, letter.type);
  if (is_later) end_later(&later);
  msgctl(queue, IPC_RMID, NULL);
}

static void sending(struct run *run) {
  int queue = msgget(IPC_PRIVATE, 0600);
  struct msqid_ds status;
  msgctl(queue, IPC_STAT, &status);
  status.msg_qbytes = 64;
  msgctl(queue, IPC_SET, &status);
  struct letter letter = {3, "full"};
  if (run->b != 3) msgsnd(queue, &letter, 64, 0);
  struct later later = {10, run->b == 2 ? remove_queue : take_any, queue, 0, NULL, 0, 0, 0, 0};
  bool is_later = run->b == 0 || run->b == 2;
  if (is_later) start_later(&later);
  errno = EXDEV;
  note_result(run, "msgsnd", msgsnd(queue, &letter, 10, run->b == 1 ? IPC_NOWAIT : 0));
  if (is_later) end_later(&later);
  msgctl(queue, IPC_RMID, NULL);
}

static void add_one(struct later *later) {
  struct sembuf step = {(unsigned short)later->other, 1, 0};
  later->result = semop(later->fd, &step, 1);
}
static void remove_set(struct later *later) { semctl(later->fd, 0, IPC_RMID); }

// `b`: 0 later, 1 IPC_NOWAIT, 2 removed meanwhile, 3 at once, 4 a time that passes, 5 a wrong time, 6 two of which one must
// not wait and cannot, 7 the same, and it can, 8 too many, 9 none.
static void semaphores(struct run *run) {
  int set = semget(IPC_PRIVATE, 2, 0600);
  struct sembuf steps[2] = {{0, -1, SEM_UNDO}, {1, -1, IPC_NOWAIT}};
  size_t count = run->b == 6 || run->b == 7 ? 2 : run->b == 8 ? 100000 : run->b == 9 ? 0 : 1;
  if (run->b == 1) steps[0].sem_flg |= IPC_NOWAIT;
  if (run->b == 3 || run->b == 6) semctl(set, 0, SETVAL, 1);
  if (run->b == 7) semctl(set, 1, SETVAL, 1);
  struct later later = {10, run->b == 2 ? remove_set : add_one, set, 0, NULL, 0, 0, 0, 0};
  bool is_later = run->b == 0 || run->b == 2 || run->b == 7;
  int64_t start = now();
  if (is_later) start_later(&later);
  struct timespec time = {run->b == 4 ? 0 : run->b == 5 ? -1 : 30, 20000000};
  errno = EXDEV;
  int result = run->a == 0 ? semop(set, steps, count) : semtimedop(set, steps, count, &time);
  note_result(run, run->a == 0 ? "semop" : "semtimedop", result);
  note_time(run, start, run->b == 4 ? 19 : 0);
  if (is_later) end_later(&later);
  if (run->b != 2) note(run, "left: %d %d\n", semctl(set, 0, GETVAL), semctl(set, 1, GETVAL));
  semctl(set, 0, IPC_RMID);
}

void add_queues(void) {
  add_posix();
  for (int way = 0; way < 6; way++) add(receiving, 0, way, 0, "msgrcv, way %d", way);
  for (int way = 0; way < 4; way++) add(sending, 0, way, 0, "msgsnd, way %d", way);
  for (int call = 0; call < 2; call++) {
    for (int way = 0; way < 10; way++) {
      if (call == 0 && (way == 4 || way == 5)) continue;
      add(semaphores, call, way, 0, "%s, way %d", call == 0 ? "semop" : "semtimedop", way);
    }
  }
}
