// Every kind of call, made so that it would have to wait for ever.

#define _GNU_SOURCE
#include "CCalls.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static int sockets[2], empty[2], full[2], set, listener, locks[2];
static char bytes[4096], fifo[64];
static struct iovec part = {bytes, 8};
static struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
static struct mmsghdr messages = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
// None passes before the wait is ended, however slow the machine.
static const struct timespec minutes = {1000, 0}, far = {INT32_MAX, 0};
static mqd_t messages_empty, messages_full;
static int old_queue, old_semaphores, counter;
static struct sembuf one_less = {0, -1, 0};
static struct flock whole = {.l_type = F_WRLCK};
static FILE *streams[2], *wide[2];
static sigset_t signals;
static pid_t child;
static struct {
  long type;
  char text[64];
} letter = {1, ""};

int ccalls_queue(int is_full) {
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  char name[64];
  snprintf(name, sizeof name, "/greenfinch-waiting-%d", getpid());
  mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attributes);
  mq_unlink(name);
  if (is_full) mq_send(queue, "full", 4, 0);
  return queue;
}

long ccalls_queue_receive(int queue) { return mq_receive(queue, (char[8]){0}, 8, NULL); }
int ccalls_queue_send(int queue) { return mq_send(queue, "more", 4, 0); }
int ccalls_queue_close(int queue) { return mq_close(queue); }

int ccalls_pipe_of_packets(int ends[2]) { return pipe2(ends, O_DIRECT); }
int ccalls_events(unsigned count) { return eventfd(count, EFD_SEMAPHORE); }

static void prepare_queues(void) {
  messages_empty = ccalls_queue(0);
  messages_full = ccalls_queue(1);
  old_queue = msgget(IPC_PRIVATE, 0600);
  old_semaphores = semget(IPC_PRIVATE, 1, 0600);
  counter = eventfd(0, 0);
}

static void prepare_streams(void) {
  streams[0] = fdopen(dup(empty[0]), "r");
  streams[1] = fdopen(dup(full[1]), "w");
  wide[0] = fdopen(dup(empty[0]), "r");
  wide[1] = fdopen(dup(full[1]), "w");
  setvbuf(streams[1], NULL, _IONBF, 0);
  setvbuf(wide[1], NULL, _IONBF, 0);
}

static void prepare_child(void) {
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR2);
  child = fork();
  if (child == 0) {
    // What this fiber would wait for fails.
    execl("/bin/sleep", "sleep", "60", NULL);
    _exit(127);
  }
}

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
  prepare_queues();
  prepare_streams();
  prepare_child();
  whole.l_type = F_WRLCK;
  if (fcntl(locks[0], F_OFD_SETLK, &whole) != 0) return -1;
  return flock(locks[0], LOCK_EX);
}

void ccalls_clean_up(void) {
  // What is left in the streams finds room.
  fcntl(full[0], F_SETFL, O_NONBLOCK);
  while (read(full[0], bytes, sizeof bytes) > 0) {}
  for (int i = 0; i < 2; i++) {
    fclose(streams[i]);
    fclose(wide[i]);
  }
  mq_close(messages_empty);
  mq_close(messages_full);
  msgctl(old_queue, IPC_RMID, NULL);
  semctl(old_semaphores, 0, IPC_RMID);
  close(counter);
  kill(child, SIGKILL);
  // By the kernel's own call: the fiber may be a cancelled one, which waits for nothing any more.
  syscall(SYS_wait4, child, NULL, 0, NULL);
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
  CALL(poll(NULL, 0, 1000000))                                           \
  CALL(select(0, NULL, NULL, NULL, &(struct timeval){1000, 0}))          \
  CALL(pselect(0, NULL, NULL, NULL, &minutes, NULL))                     \
  CALL(epoll_wait(set, &(struct epoll_event){0}, 1, -1))                 \
  CALL(epoll_pwait(set, &(struct epoll_event){0}, 1, -1, NULL))          \
  CALL(epoll_pwait2(set, &(struct epoll_event){0}, 1, NULL, NULL))       \
  CALL(usleep(1000000000))                                               \
  CALL(nanosleep(&minutes, NULL))                                        \
  CALL(flock(locks[1], LOCK_EX))                                         \
  CALL(open(fifo, O_RDONLY))                                             \
  CALL(open(fifo, O_WRONLY))                                             \
  CALL(lockf(locks[1], F_LOCK, 0))                                       \
  CALL(fcntl(locks[1], F_OFD_SETLKW, &whole))                            \
  CALL(fopen(fifo, "r") == NULL ? -1 : 0)                                \
  CALL(fopen(fifo, "we") == NULL ? -1 : 0)                               \
  CALL(tee(empty[0], full[1], 10, 0))                                    \
  CALL(vmsplice(full[1], &part, 1, 0))                                   \
  CALL(eventfd_read(counter, &(eventfd_t){0}))                           \
  CALL(mq_receive(messages_empty, bytes, sizeof bytes, NULL))            \
  CALL(mq_timedreceive(messages_empty, bytes, sizeof bytes, NULL, &far)) \
  CALL(mq_send(messages_full, bytes, 1, 0))                              \
  CALL(mq_timedsend(messages_full, bytes, 1, 0, &far))                   \
  CALL(msgrcv(old_queue, &letter, sizeof letter.text, 0, 0))             \
  CALL(semop(old_semaphores, &one_less, 1))                              \
  CALL(semtimedop(old_semaphores, &one_less, 1, &minutes))               \
  CALL(fgetc(streams[0]))                                                \
  CALL(fputc('x', streams[1]))                                           \
  CALL((int)fgetwc(wide[0]))                                             \
  CALL(fgetws((wchar_t[8]){0}, 8, wide[0]) == NULL ? -1 : 0)             \
  CALL((int)fputwc(L'x', wide[1]))                                       \
  CALL(fputws(L"words", wide[1]))                                        \
  CALL(fwprintf(wide[1], L"%d", 7))                                      \
  CALL(sigwaitinfo(&signals, NULL))                                      \
  CALL(sigtimedwait(&signals, NULL, &minutes))                           \
  CALL(waitpid(child, NULL, 0))                                          \
  CALL(wait4(child, NULL, 0, NULL))                                      \
  CALL(waitid(P_PID, (id_t)child, NULL, WEXITED))                        \
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
