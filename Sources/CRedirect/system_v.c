// msgrcv(2), msgsnd(2), semop(2), semtimedop: queues and semaphores of System V. The kernel announces nothing of them, so that
// they are tried, and tried again after pauses.

#define FAMILY GREEN_LOCKS
#include "redirect.h"

#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

REAL(msgrcv)
REAL(msgsnd)
REAL(semop)
REAL(semtimedop)

// What has been waited for and is no more was removed meanwhile.
static long tell_removal(bool has_waited, long result) {
  if (result == -1 && errno == EINVAL && has_waited) errno = EIDRM;
  return result;
}

// ---- Queues -------------------------------------------------------------------------------------------------------

struct message {
  int queue;
  void *text;
  size_t size;
  long type;
  int flags;
  unsigned tries;
};

static long try_receive(void *context) {
  struct message *message = context;
  return tell_removal(message->tries++ > 0, real_msgrcv()(message->queue, message->text, message->size, message->type, message->flags | IPC_NOWAIT));
}

static long try_send(void *context) {
  struct message *message = context;
  return tell_removal(message->tries++ > 0,
                      real_msgsnd()(message->queue, message->text, message->size, message->flags | IPC_NOWAIT));
}

static bool has_no_message(int error) { return error == ENOMSG; }
static bool has_no_room(int error) { return error == EAGAIN; }

WAITS(ssize_t, msgrcv, (int queue, void *text, size_t size, long type, int flags), (queue, text, size, type, flags)) {
  const credirect_table *table = (flags & IPC_NOWAIT) == 0 ? spending_table(-1) : NULL;
  if (table == NULL) return real_msgrcv()(queue, text, size, type, flags);
  struct message message = {queue, text, size, type, flags, 0};
  return credirect_retry(table, try_receive, &message, has_no_message, NEVER);
}

WAITS(int, msgsnd, (int queue, const void *text, size_t size, int flags), (queue, text, size, flags)) {
  const credirect_table *table = (flags & IPC_NOWAIT) == 0 ? spending_table(-1) : NULL;
  if (table == NULL) return real_msgsnd()(queue, text, size, flags);
  struct message message = {queue, (void *)text, size, 0, flags, 0};
  return (int)credirect_retry(table, try_send, &message, has_no_room, NEVER);
}

// ---- Semaphores ---------------------------------------------------------------------------------------------------

// As many as Linux takes at once by default.
#define MOST 500

struct operation {
  int set;
  struct sembuf *steps;
  size_t count;
  const struct timespec *time;
  int result, error;
  unsigned tries;
};

static long try_operation(void *context) {
  struct operation *operation = context;
  return tell_removal(operation->tries++ > 0, real_semop()(operation->set, operation->steps, operation->count));
}

static void perform(void *context) {
  struct operation *operation = context;
  operation->result = real_semtimedop()(operation->set, operation->steps, operation->count, operation->time);
  operation->error = errno;
}

// Of steps some of which may wait and some may not, only the kernel knows which one it is that cannot be done.
static int operate_elsewhere(const credirect_table *table, struct operation *operation) {
  credirect_on_thread(table, perform, operation);
  return operation->result == 0 ? 0 : fail(operation->error);
}

static int operate(const credirect_table *table, struct operation *operation) {
  struct sembuf steps[MOST];
  size_t nowait = 0;
  for (size_t i = 0; i < operation->count; i++) {
    steps[i] = operation->steps[i];
    nowait += (steps[i].sem_flg & IPC_NOWAIT) != 0;
    steps[i].sem_flg |= IPC_NOWAIT;
  }
  if (nowait == operation->count) return (int)try_operation(operation);
  if (nowait > 0) return operate_elsewhere(table, operation);
  struct operation attempt = {operation->set, steps, operation->count, NULL, 0, 0, 0};
  const struct timespec *time = operation->time;
  int64_t deadline = time == NULL ? NEVER : deadline_after(nanoseconds_of(time->tv_sec, time->tv_nsec));
  return (int)credirect_retry(table, try_operation, &attempt, has_no_room, deadline);
}

WAITS(int, semtimedop, (int set, struct sembuf *steps, size_t count, const struct timespec *time),
      (set, steps, count, time)) {
  bool is_wrong = steps == NULL || count == 0 || count > MOST ||
                  (time != NULL && (time->tv_sec < 0 || !credirect_is_valid_time(time)));
  const credirect_table *table = is_wrong ? NULL : spending_table(-1);
  if (table == NULL) return real_semtimedop()(set, steps, count, time);
  struct operation operation = {set, steps, count, time, 0, 0, 0};
  return operate(table, &operation);
}

REDIRECTED int semop(int set, struct sembuf *steps, size_t count) {
  if (fiber_table() == NULL) return real_semop()(set, steps, count);
  return semtimedop(set, steps, count, NULL);
}
