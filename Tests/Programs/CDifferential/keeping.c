// Calls that have to wait and then succeed: errno stays what it was.

#include "differential.h"

#include <fcntl.h>
#include <netdb.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

enum { EVENT, TIMER, NOTICE, SEMAPHORE, TIMED_SEMAPHORE, FILE_LOCK, RECORD_LOCK, FIFO, MUTEX, HOST, JOIN, SLEEP, CALLS };
static const char *const calls[] = {
    "read of an eventfd", "read of a timerfd", "read of inotify", "sem_wait", "sem_timedwait", "flock", "fcntl F_OFD_SETLKW",
    "open of a FIFO", "pthread_mutex_lock", "gethostbyname", "pthread_join", "usleep",
};

static void post(struct later *later) { sem_post((sem_t *)later->bytes); }

static void add_one(struct later *later) { later->result = eventfd_write(later->fd, 1); }

static void make_file(struct later *later) {
  close(open(later->bytes, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static void wait_a_little(struct later *later) { (void)later; }

static void read_from(struct run *run, int fd) {
  char buffer[512];
  long count = read(fd, buffer, sizeof buffer);
  note_result(run, calls[run->a], count > 0 ? 1 : count);
  close(fd);
}

static void read_timer(struct run *run) {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  timerfd_settime(fd, 0, &(struct itimerspec){.it_value.tv_nsec = 10000000}, NULL);
  read_from(run, fd);
}

static void wait_semaphore(struct run *run) {
  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  struct later later = {10, post, 0, 0, &semaphore, 0, 0, 0, 0};
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += 30;
  start_later(&later);
  note_result(run, calls[run->a], run->a == SEMAPHORE ? sem_wait(&semaphore) : sem_timedwait(&semaphore, &time));
  end_later(&later);
}

static void lock_file(struct run *run, const char *path) {
  int held = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600), wanted = open(path, O_RDWR | O_CLOEXEC);
  struct flock lock = {.l_type = F_WRLCK};
  if (run->a == FILE_LOCK) flock(held, LOCK_EX);
  else fcntl(held, F_OFD_SETLK, &lock);
  struct later later = {10, close_fd, held, 0, NULL, 0, 0, 0, 0};
  start_later(&later);
  note_result(run, calls[run->a], run->a == FILE_LOCK ? flock(wanted, LOCK_EX) : fcntl(wanted, F_OFD_SETLKW, &lock));
  end_later(&later);
  close(wanted);
}

static void open_fifo(struct run *run, const char *path) {
  mkfifo(path, 0600);
  struct later later = {10, open_other_side, O_RDONLY, 0, path, 0, 0, 0, 0};
  start_later(&later);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  note_result(run, calls[run->a], fd >= 0 ? 1 : -1);
  end_later(&later);
  close(fd);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *hold(void *context) {
  pthread_mutex_lock(&mutex);
  sem_post(context);
  usleep(10000);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void take_or_join(struct run *run) {
  sem_t held;
  sem_init(&held, 0, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, hold, &held);
  while (sem_wait(&held) != 0) continue;
  if (run->a == MUTEX) {
    note_result(run, calls[MUTEX], pthread_mutex_lock(&mutex));
    pthread_mutex_unlock(&mutex);
  }
  int result = pthread_join(thread, NULL);
  note_result(run, calls[JOIN], result);
}

static void notice(struct run *run, const char *path) {
  char folder[64];
  snprintf(folder, sizeof folder, "%s.d", path);
  mkdir(folder, 0700);
  char file[80];
  snprintf(file, sizeof file, "%s/file", folder);
  int fd = inotify_init1(IN_CLOEXEC);
  inotify_add_watch(fd, folder, IN_CREATE);
  struct later later = {10, make_file, 0, 0, file, 0, 0, 0, 0};
  start_later(&later);
  read_from(run, fd);
  end_later(&later);
  unlink(file);
  rmdir(folder);
}

static void keep(struct run *run) {
  char path[] = "/tmp/greenfinch-errno-XXXXXX";
  int fd = mkstemp(path);
  close(fd);
  unlink(path);
  errno = EXDEV;
  struct later later = {10, wait_a_little, 0, 0, NULL, 0, 0, 0, 0};
  switch (run->a) {
  case EVENT:
    later.fd = eventfd(0, EFD_CLOEXEC);
    later.action = add_one;
    start_later(&later);
    read_from(run, later.fd);
    end_later(&later);
    break;
  case TIMER: read_timer(run); break;
  case NOTICE: notice(run, path); break;
  case SEMAPHORE: case TIMED_SEMAPHORE: wait_semaphore(run); break;
  case FILE_LOCK: case RECORD_LOCK: lock_file(run, path); break;
  case FIFO: open_fifo(run, path); break;
  case MUTEX: case JOIN: take_or_join(run); break;
  case HOST: note_result(run, calls[HOST], gethostbyname("localhost") != NULL ? 0 : -1); break;
  case SLEEP: note_result(run, calls[SLEEP], usleep(2000)); break;
  }
  unlink(path);
}

void add_keeping_errno(void) {
  for (int call = 0; call < CALLS; call++) add(keep, call, 0, 0, "errno after success: %s", calls[call]);
}
