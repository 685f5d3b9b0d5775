// Calls that have to wait and then succeed: errno stays what it was.

#include "differential.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>

enum { EVENT, TIMER, NOTICE, SEMAPHORE, TIMED_SEMAPHORE, FILE_LOCK, RECORD_LOCK, FIFO, MUTEX, TIMED_MUTEX, RECURSIVE_MUTEX,
       READ_LOCK, WRITE_LOCK, CONDITION, HOST, HOST_R, HOST_2, ADDRESS, JOIN, SLEEP, CONNECT, CALLS };
static const char *const calls[] = {
    "read of an eventfd", "read of a timerfd", "read of inotify", "sem_wait", "sem_timedwait", "flock", "fcntl F_OFD_SETLKW",
    "open of a FIFO", "pthread_mutex_lock", "pthread_mutex_timedlock", "pthread_mutex_lock of a recursive one",
    "pthread_rwlock_rdlock", "pthread_rwlock_wrlock", "pthread_cond_wait", "gethostbyname", "gethostbyname_r",
    "gethostbyname2", "gethostbyaddr", "pthread_join", "usleep", "connect",
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

// ---- Locks --------------------------------------------------------------------------------------------------------

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

struct held {
  sem_t semaphore;
  int call;
};

// What the calls want for 10 ms.
static void *hold(void *context) {
  struct held *held = context;
  pthread_mutex_t *one = held->call == RECURSIVE_MUTEX ? &recursive : &mutex;
  bool is_mutex = held->call != READ_LOCK && held->call != WRITE_LOCK;
  if (is_mutex) pthread_mutex_lock(one);
  else pthread_rwlock_wrlock(&lock);
  sem_post(&held->semaphore);
  usleep(10000);
  if (held->call == CONDITION) pthread_cond_signal(&condition);
  if (is_mutex) pthread_mutex_unlock(one);
  else pthread_rwlock_unlock(&lock);
  return NULL;
}

static int take(int call) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += 30;
  errno = EXDEV;
  switch (call) {
  case MUTEX: return pthread_mutex_lock(&mutex);
  case TIMED_MUTEX: return pthread_mutex_timedlock(&mutex, &time);
  case RECURSIVE_MUTEX: return pthread_mutex_lock(&recursive);
  case READ_LOCK: return pthread_rwlock_rdlock(&lock);
  case WRITE_LOCK: return pthread_rwlock_wrlock(&lock);
  case CONDITION: return pthread_cond_wait(&condition, &mutex);
  default: return 0;
  }
}

static void give_back(int call) {
  if (call == RECURSIVE_MUTEX) pthread_mutex_unlock(&recursive);
  else if (call == READ_LOCK || call == WRITE_LOCK) pthread_rwlock_unlock(&lock);
  else if (call != JOIN) pthread_mutex_unlock(&mutex);
}

static void take_or_join(struct run *run) {
  struct held held = {.call = run->a};
  sem_init(&held.semaphore, 0, 0);
  // Who waits for the condition has the mutex before the one that signals it.
  if (run->a == CONDITION) pthread_mutex_lock(&mutex);
  pthread_t thread;
  pthread_create(&thread, NULL, hold, &held);
  while (run->a != CONDITION && sem_wait(&held.semaphore) != 0) continue;
  if (run->a != JOIN) note_result(run, calls[run->a], take(run->a));
  give_back(run->a);
  int result = pthread_join(thread, NULL);
  note_result(run, calls[JOIN], result);
}

// ---- Names --------------------------------------------------------------------------------------------------------

static void ask(struct run *run) {
  struct hostent host, *found = NULL;
  char buffer[2000];
  int error;
  struct in_addr address = {htonl(INADDR_LOOPBACK)};
  switch (run->a) {
  case HOST: found = gethostbyname("localhost"); break;
  case HOST_R: gethostbyname_r("localhost", &host, buffer, sizeof buffer, &found, &error); break;
  case HOST_2: found = gethostbyname2("localhost", AF_INET); break;
  case ADDRESS: found = gethostbyaddr(&address, sizeof address, AF_INET); break;
  }
  note_result(run, calls[run->a], found != NULL ? 0 : -1);
}

// ---- A connection -------------------------------------------------------------------------------------------------

static void accept_two(struct later *later) {
  for (int i = 0; i < 2; i++) close(accept(later->fd, NULL, NULL));
}

// To a listener that is full.
static void connect_later(struct run *run, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 0) != 0) abort();
  int first = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), second = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  connect(first, (struct sockaddr *)&address, sizeof address);
  struct later later = {10, accept_two, listener, 0, NULL, 0, 0, 0, 0};
  start_later(&later);
  errno = EXDEV;
  note_result(run, calls[CONNECT], connect(second, (struct sockaddr *)&address, sizeof address));
  end_later(&later);
  int all[] = {listener, first, second};
  for (int i = 0; i < 3; i++) close(all[i]);
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
  case MUTEX: case TIMED_MUTEX: case RECURSIVE_MUTEX: case READ_LOCK: case WRITE_LOCK: case CONDITION: case JOIN:
    take_or_join(run);
    break;
  case HOST: case HOST_R: case HOST_2: case ADDRESS: ask(run); break;
  case CONNECT: connect_later(run, path); break;
  case SLEEP: note_result(run, calls[SLEEP], usleep(2000)); break;
  }
  unlink(path);
}

void add_keeping_errno(void) {
  for (int call = 0; call < CALLS; call++) add(keep, call, 0, 0, "errno after success: %s", calls[call]);
}
