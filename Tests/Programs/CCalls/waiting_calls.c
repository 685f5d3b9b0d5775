// Every kind of call, made so that it would have to wait for ever.

#define _GNU_SOURCE
#include "CCalls.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int sockets[2], empty[2], full[2], set, listener, locks[2];
static char bytes[4096], fifo[64];
static struct iovec part = {bytes, 8};
static struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
static struct mmsghdr messages = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
static const struct timespec second = {1, 0};

int ccalls_prepare(void) {
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0 || pipe(empty) != 0 || pipe(full) != 0) return -1;
  set = epoll_create1(0);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listen(listener, 1) != 0) return -1;
  snprintf(fifo, sizeof fifo, "/tmp/greenfinch-waiting-%d", getpid());
  locks[0] = open(fifo, O_CREAT | O_RDWR, 0600);
  locks[1] = open(fifo, O_RDWR);
  unlink(fifo);
  mkfifo(fifo, 0600);
  fcntl(full[1], F_SETFL, O_NONBLOCK);
  while (write(full[1], bytes, sizeof bytes) > 0) {}
  fcntl(full[1], F_SETFL, 0);
  while (send(sockets[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
  return flock(locks[0], LOCK_EX);
}

void ccalls_clean_up(void) {
  int all[] = {sockets[0], sockets[1], empty[0], empty[1], full[0], full[1], set, listener, locks[0], locks[1]};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) close(all[i]);
  unlink(fifo);
}

#define CALLS(CALL)                                                      \
  CALL(read(sockets[0], bytes, 1))                                       \
  CALL(read(empty[0], bytes, 1))                                         \
  CALL(readv(sockets[0], &part, 1))                                      \
  CALL(preadv2(empty[0], &part, 1, -1, 0))                               \
  CALL(recv(sockets[0], bytes, 1, 0))                                    \
  CALL(recvfrom(sockets[0], bytes, 1, 0, NULL, NULL))                    \
  CALL(recvmsg(sockets[0], &message, 0))                                 \
  CALL(recvmmsg(sockets[0], &messages, 1, 0, NULL))                      \
  CALL(write(full[1], bytes, 1))                                         \
  CALL(writev(full[1], &part, 1))                                        \
  CALL(pwritev2(full[1], &part, 1, -1, 0))                               \
  CALL(send(sockets[0], bytes, 4096, 0))                                 \
  CALL(sendto(sockets[0], bytes, 4096, 0, NULL, 0))                      \
  CALL(sendmsg(sockets[0], &message, 0))                                 \
  CALL(sendmmsg(sockets[0], &messages, 1, 0))                            \
  CALL(accept(listener, NULL, NULL))                                     \
  CALL(accept4(listener, NULL, NULL, 0))                                 \
  CALL(poll(&(struct pollfd){empty[0], POLLIN, 0}, 1, -1))               \
  CALL(poll(&(struct pollfd){sockets[1], POLLPRI, 0}, 1, -1))            \
  CALL(ppoll(&(struct pollfd){empty[0], POLLIN, 0}, 1, NULL, NULL))      \
  CALL(poll(NULL, 0, 1000))                                              \
  CALL(select(0, NULL, NULL, NULL, &(struct timeval){1, 0}))             \
  CALL(pselect(0, NULL, NULL, NULL, &second, NULL))                      \
  CALL(epoll_wait(set, &(struct epoll_event){0}, 1, -1))                 \
  CALL(epoll_pwait(set, &(struct epoll_event){0}, 1, -1, NULL))          \
  CALL(epoll_pwait2(set, &(struct epoll_event){0}, 1, NULL, NULL))       \
  CALL(usleep(1000000))                                                  \
  CALL(nanosleep(&second, NULL))                                         \
  CALL(flock(locks[1], LOCK_EX))                                         \
  CALL(open(fifo, O_RDONLY))                                             \
  CALL(open(fifo, O_WRONLY))                                             \
  CALL(splice(empty[0], NULL, full[1], NULL, 10, 0))                     \
  CALL(splice(empty[0], NULL, sockets[1], NULL, 10, 0))

static const char *const names[] = {
#define NAME(call) #call,
    CALLS(NAME)
};

const char *ccalls_name(size_t index) { return index < sizeof names / sizeof *names ? names[index] : NULL; }

long ccalls_wait(size_t index) {
  size_t number = 0;
#define MAKE(call) \
  if (number++ == index) return (long)(call);
  CALLS(MAKE)
  return 0;
}

int ccalls_close_unseen(int descriptor) { return (int)syscall(SYS_close, descriptor); }
