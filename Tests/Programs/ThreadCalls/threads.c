#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "ThreadCalls.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t *make_robust(void) {
  pthread_mutex_t *lock =
      mmap(NULL, sizeof *lock, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (lock == MAP_FAILED) return NULL;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(lock, &attributes);
  return lock;
}

int thread_calls_die_with_lock(void) {
  pthread_mutex_t *lock = make_robust();
  pid_t child = lock != NULL ? fork() : -1;
  if (child == 0) {
    for (int i = 0; i < 3; i++) {
      if (pthread_mutex_lock(lock) != 0 || pthread_mutex_unlock(lock) != 0) _exit(1);
    }
    _exit(pthread_mutex_lock(lock));
  }
  int status = -1;
  if (waitpid(child, &status, 0) != child || status != 0) return -1;
  int result = pthread_mutex_lock(lock);
  pthread_mutex_consistent(lock);
  pthread_mutex_unlock(lock);
  munmap(lock, sizeof *lock);
  return result;
}

static int owner_is_this_process(void) {
  pthread_mutex_t lock;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&lock, &attributes);
  pthread_mutex_lock(&lock);
  int owner = lock.__data.__owner;
  pthread_mutex_unlock(&lock);
  return owner == getpid();
}

int thread_calls_bare_fork(void) {
  static _Thread_local int mark;
  mark = 5;
  pid_t child = _Fork();
  if (child == 0) _exit(mark == 5 && owner_is_this_process() ? 0 : 1);
  int status = -1;
  return waitpid(child, &status, 0) == child ? status : -1;
}

// As <dispatch/once.h> has it.
void dispatch_once_f(intptr_t *predicate, void *context, void (*function)(void *context));

static int initialised;

static void initialise(void *microseconds) {
  usleep(*(unsigned *)microseconds);
  initialised++;
}

int thread_calls_dispatch_once(unsigned microseconds) {
  static intptr_t once;
  dispatch_once_f(&once, &microseconds, initialise);
  return initialised;
}

// As <dispatch/queue.h> has them.
void *dispatch_queue_create(const char *label, const void *attributes);
void dispatch_async_and_wait_f(void *queue, void *context, void (*work)(void *context));
void dispatch_barrier_async_and_wait_f(void *queue, void *context, void (*work)(void *context));

static int inside, most_inside;

static void wait_inside(void *microseconds) {
  if (++inside > most_inside) most_inside = inside;
  usleep(*(unsigned *)microseconds);
  inside--;
}

int thread_calls_async_and_wait(unsigned microseconds, int is_barrier) {
  static void *queue;
  if (queue == NULL) queue = dispatch_queue_create("async and wait", NULL);
  if (is_barrier) dispatch_barrier_async_and_wait_f(queue, &microseconds, wait_inside);
  else dispatch_async_and_wait_f(queue, &microseconds, wait_inside);
  return most_inside == 1;
}

unsigned long *thread_calls_word(void) {
  static _Thread_local unsigned long words[2];
  return words;
}

size_t thread_calls_stack_bytes(void) {
  pthread_attr_t attributes;
  void *low;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_destroy(&attributes);
  // Not a variable's address: AddressSanitizer keeps those elsewhere.
  char *frame = __builtin_frame_address(0);
  return frame > (char *)low && frame < (char *)low + size ? size : 0;
}
