// mq_receive(3), mq_send(3) and their timed kin: in Linux a queue of POSIX is a descriptor that can be waited for.
//
// They have no flag for "do not wait", but a time that has passed says the same: the call then tells ETIMEDOUT.

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stdarg.h>

REAL(mq_open)
REAL(mq_receive)
REAL(mq_send)
REAL(mq_timedreceive)
REAL(mq_timedsend)

static const struct timespec passed = {0, 0};

// What a call does that would wait: 0 when it may be tried again, else its errno.
static int wait_for(const credirect_table *table, mqd_t queue, short events, const struct timespec *time) {
  int64_t deadline = time == NULL ? NEVER : credirect_deadline(CLOCK_REALTIME, time);
  int error = table->wait_descriptor(queue, events, deadline);
  return error == EAGAIN ? ETIMEDOUT : error;
}

static ssize_t receive(const credirect_table *table, mqd_t queue, char *message, size_t size, unsigned *priority,
                       const struct timespec *time) {
  for (;;) {
    ssize_t result = real_mq_timedreceive()(queue, message, size, priority, &passed);
    if (result >= 0 || errno != ETIMEDOUT) return result;
    int error = wait_for(table, queue, POLLIN, time);
    if (error != 0) return fail(error);
  }
}

static int transmit(const credirect_table *table, mqd_t queue, const char *message, size_t size, unsigned priority,
                    const struct timespec *time) {
  for (;;) {
    int result = real_mq_timedsend()(queue, message, size, priority, &passed);
    if (result == 0 || errno != ETIMEDOUT) return result;
    int error = wait_for(table, queue, POLLOUT, time);
    if (error != 0) return fail(error);
  }
}

WAITS(ssize_t, mq_receive, (mqd_t queue, char *message, size_t size, unsigned *priority),
      (queue, message, size, priority)) {
  const credirect_table *table = spending_table(queue);
  if (table == NULL) return real_mq_receive()(queue, message, size, priority);
  return receive(table, queue, message, size, priority, NULL);
}

// With a time that is none, what is wrong with it the kernel says.
static bool is_wrong(const struct timespec *time) { return time != NULL && !credirect_is_valid_time(time); }

WAITS(ssize_t, mq_timedreceive,
      (mqd_t queue, char *restrict message, size_t size, unsigned *restrict priority,
       const struct timespec *restrict time),
      (queue, message, size, priority, time)) {
  const credirect_table *table = spending_table(queue);
  if (table == NULL || is_wrong(time)) {
    return real_mq_timedreceive()(queue, message, size, priority, time);
  }
  return receive(table, queue, message, size, priority, time);
}

WAITS(int, mq_send, (mqd_t queue, const char *message, size_t size, unsigned priority),
      (queue, message, size, priority)) {
  const credirect_table *table = spending_table(queue);
  if (table == NULL) return real_mq_send()(queue, message, size, priority);
  return transmit(table, queue, message, size, priority, NULL);
}

WAITS(int, mq_timedsend,
      (mqd_t queue, const char *message, size_t size, unsigned priority, const struct timespec *time),
      (queue, message, size, priority, time)) {
  const credirect_table *table = spending_table(queue);
  if (table == NULL || is_wrong(time)) {
    return real_mq_timedsend()(queue, message, size, priority, time);
  }
  return transmit(table, queue, message, size, priority, time);
}

REDIRECTED mqd_t mq_open(const char *name, int flags, ...) {
  if ((flags & O_CREAT) == 0) return credirect_opened(real_mq_open()(name, flags));
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = va_arg(arguments, mode_t);
  struct mq_attr *attributes = va_arg(arguments, struct mq_attr *);
  va_end(arguments);
  return credirect_opened(real_mq_open()(name, flags, mode, attributes));
}

mqd_t __mq_open_2(const char *name, int flags);
REDIRECTED mqd_t __mq_open_2(const char *name, int flags) { return mq_open(name, flags); }
