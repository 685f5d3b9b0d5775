#define _GNU_SOURCE
#include "WaitCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <threads.h>
#include <unistd.h>

static struct timespec in_milliseconds(unsigned milliseconds) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  int64_t nanoseconds = time.tv_nsec + (int64_t)milliseconds * 1000000;
  time.tv_sec += nanoseconds / 1000000000;
  time.tv_nsec = nanoseconds % 1000000000;
  return time;
}

int calls_print(FILE *stream, const char *word, int number) { return fprintf(stream, "%s %d\n", word, number); }
int calls_scan(FILE *stream, char word[16], int *number) { return fscanf(stream, "%15s %d", word, number); }
int calls_get(FILE *stream) { return getc_unlocked(stream); }
int calls_put(int character, FILE *stream) { return putc_unlocked(character, stream); }

struct sleeper {
  unsigned milliseconds;
  void *value;
  sem_t *semaphore;
};

static void *sleep_for(void *argument) {
  struct sleeper sleeper = *(struct sleeper *)argument;
  free(argument);
  usleep(sleeper.milliseconds * 1000);
  if (sleeper.semaphore != NULL) sem_post(sleeper.semaphore);
  return sleeper.value;
}

static pthread_t start(struct sleeper sleeper) {
  struct sleeper *copy = malloc(sizeof *copy);
  *copy = sleeper;
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleep_for, copy) != 0) abort();
  return thread;
}

pthread_t calls_sleeper(unsigned milliseconds, void *value) {
  return start((struct sleeper){milliseconds, value, NULL});
}

void calls_post_later(sem_t *semaphore, unsigned milliseconds) {
  pthread_detach(start((struct sleeper){milliseconds, NULL, semaphore}));
}

int calls_timed_join(pthread_t thread, unsigned milliseconds) {
  struct timespec time = in_milliseconds(milliseconds);
  return pthread_timedjoin_np(thread, NULL, &time);
}

int calls_try_join(pthread_t thread) { return pthread_tryjoin_np(thread, NULL); }

static void *arrive(void *barrier) {
  pthread_barrier_wait(barrier);
  return NULL;
}

pthread_t calls_arrive(pthread_barrier_t *barrier) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, arrive, barrier) != 0) abort();
  return thread;
}

struct waiter {
  sem_t *semaphore;
  void *value;
};

static void *wait_for_post(void *argument) {
  struct waiter waiter = *(struct waiter *)argument;
  free(argument);
  while (sem_wait(waiter.semaphore) != 0) {}
  return waiter.value;
}

pthread_t calls_waiter(sem_t *semaphore, void *value) {
  struct waiter *waiter = malloc(sizeof *waiter);
  *waiter = (struct waiter){semaphore, value};
  pthread_t thread;
  if (pthread_create(&thread, NULL, wait_for_post, waiter) != 0) abort();
  return thread;
}

long calls_waits(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

int calls_thread_number(void) { return (int)gettid(); }

int calls_is_asleep(int thread) {
  if (thread == 0) return 0;
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 1;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  text[count > 0 ? count : 0] = 0;
  // The state comes after the name, which may have any character in it: proc_pid_stat(5).
  const char *end = strrchr(text, ')');
  return end == NULL || end[1] == 0 || end[2] == 'S';
}

int calls_prefers_writers(void) { return PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP; }

int calls_write_lock_until(pthread_rwlock_t *lock, const struct timespec *time) {
  return pthread_rwlock_clockwrlock(lock, CLOCK_MONOTONIC, time);
}

int calls_kind_of_mutex(int kind, int is_robust, int inherits, pthread_mutex_t *mutex) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, kind);
  if (is_robust) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (inherits) pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  return pthread_mutex_init(mutex, &attributes);
}

int calls_thrd_sleep(unsigned milliseconds) {
  struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  return thrd_sleep(&time, NULL);
}

static mtx_t mutex;
static cnd_t condition;
static int is_set;
static once_flag made = ONCE_FLAG_INIT;

static void make(void) {
  mtx_init(&mutex, mtx_plain);
  cnd_init(&condition);
}

int calls_c11_wait(void) {
  call_once(&made, make);
  int result = mtx_lock(&mutex);
  while (!is_set && result == thrd_success) result = cnd_wait(&condition, &mutex);
  mtx_unlock(&mutex);
  return result;
}

int calls_c11_timed_wait(unsigned milliseconds) {
  call_once(&made, make);
  struct timespec time = in_milliseconds(milliseconds);
  mtx_lock(&mutex);
  is_set = 0;
  int result = thrd_success;
  while (result == thrd_success && !is_set) result = cnd_timedwait(&condition, &mutex, &time);
  mtx_unlock(&mutex);
  return result == thrd_timedout ? 1 : 0;
}

void calls_c11_set(void) {
  call_once(&made, make);
  mtx_lock(&mutex);
  is_set = 1;
  cnd_broadcast(&condition);
  mtx_unlock(&mutex);
}

static int sleep_in_thread(void *argument) {
  usleep(*(unsigned *)argument * 1000);
  return 7;
}

int calls_c11_join(unsigned milliseconds) {
  thrd_t thread;
  if (thrd_create(&thread, sleep_in_thread, &milliseconds) != thrd_success) return -1;
  int result = 0;
  return thrd_join(thread, &result) == thrd_success ? result : -1;
}

void calls_c11_once(void (*function)(void)) {
  static once_flag flag = ONCE_FLAG_INIT;
  call_once(&flag, function);
}

extern int __cxa_guard_acquire(uint64_t *);
extern void __cxa_guard_release(uint64_t *);
extern void __cxa_guard_abort(uint64_t *);

int calls_are_sanitized(void) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
  return 1;
#endif
#endif
  return 0;
}

int calls_guards_are_real(void) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return 1;
#endif
#endif
  return 0;
}

int calls_static(unsigned milliseconds) {
  static uint64_t guard;
  if (__atomic_load_n((unsigned char *)&guard, __ATOMIC_ACQUIRE) || !__cxa_guard_acquire(&guard)) return 0;
  usleep(milliseconds * 1000);
  __cxa_guard_release(&guard);
  return 1;
}

int calls_static_fails_first(unsigned milliseconds) {
  static uint64_t guard;
  static int tries;
  if (!__cxa_guard_acquire(&guard)) return 0;
  usleep(milliseconds * 1000);
  if (tries++ == 0) {
    __cxa_guard_abort(&guard);
    return -1;
  }
  __cxa_guard_release(&guard);
  return 1;
}

void calls_static_made_by(void (*function)(void)) {
  static uint64_t guard;
  if (!__cxa_guard_acquire(&guard)) return;
  function();
  __cxa_guard_release(&guard);
}

static unsigned destroyed;
static void count_destroyed(void *value) {
  (void)value;
  destroyed++;
}
unsigned calls_destroyed(void) { return destroyed; }
int calls_counted_key(pthread_key_t *key) { return pthread_key_create(key, count_destroyed); }

void calls_block(int number, int is_blocked) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(is_blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static volatile sig_atomic_t counted;
static void count_signal(int number) {
  (void)number;
  counted++;
}
void calls_count(int number) {
  counted = 0;
  struct sigaction action = {.sa_handler = count_signal};
  sigaction(number, &action, NULL);
}
int calls_counted(void) { return counted; }

static sem_t *posted;
static void post(int number) {
  (void)number;
  sem_post(posted);
}
void calls_post_on(int number, sem_t *semaphore) {
  posted = semaphore;
  struct sigaction action = {.sa_handler = post};
  sigaction(number, &action, NULL);
}

int calls_suspend_for(int number) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  sigdelset(&mask, number);
  return sigsuspend(&mask);
}

int calls_take(int number, int milliseconds, int *value) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  siginfo_t info;
  struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  int taken = sigtimedwait(&set, &info, milliseconds < 0 ? NULL : &time);
  if (taken > 0) *value = info.si_value.sival_int;
  return taken;
}

int calls_queue(int number, int value) { return sigqueue(getpid(), number, (union sigval){.sival_int = value}); }

int calls_host_error(void) { return h_errno; }

int calls_query(const char *name, unsigned char *answer, int size) {
  return res_query(name, ns_c_in, ns_t_a, answer, size);
}
