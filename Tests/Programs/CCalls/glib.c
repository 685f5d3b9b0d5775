// GLib's locks, which wait with futex(2) and with pthread's, and what it builds on them. The library is loaded when it is
// asked for.

#include "CCalls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

// As glib/gthread.h has them.
typedef union {
  void *pointer;
  unsigned words[2];
} g_mutex;
typedef struct {
  void *pointer;
  unsigned words[2];
} g_lock;

#define FUNCTIONS(FUNCTION)                                                                      \
  FUNCTION(void, g_mutex_lock, (g_mutex *))                                                      \
  FUNCTION(void, g_mutex_unlock, (g_mutex *))                                                    \
  FUNCTION(void, g_cond_wait, (g_lock *, g_mutex *))                                             \
  FUNCTION(int, g_cond_wait_until, (g_lock *, g_mutex *, int64_t))                               \
  FUNCTION(void, g_cond_signal, (g_lock *))                                                      \
  FUNCTION(void, g_cond_broadcast, (g_lock *))                                                   \
  FUNCTION(void, g_rec_mutex_lock, (g_lock *))                                                   \
  FUNCTION(void, g_rec_mutex_unlock, (g_lock *))                                                 \
  FUNCTION(void, g_rw_lock_reader_lock, (g_lock *))                                              \
  FUNCTION(void, g_rw_lock_reader_unlock, (g_lock *))                                            \
  FUNCTION(void, g_rw_lock_writer_lock, (g_lock *))                                              \
  FUNCTION(void, g_rw_lock_writer_unlock, (g_lock *))                                            \
  FUNCTION(int, g_once_init_enter, (void *))                                                     \
  FUNCTION(void, g_once_init_leave, (void *, size_t))                                            \
  FUNCTION(void *, g_async_queue_new, (void))                                                    \
  FUNCTION(void, g_async_queue_unref, (void *))                                                  \
  FUNCTION(void, g_async_queue_push, (void *, void *))                                           \
  FUNCTION(void *, g_async_queue_pop, (void *))                                                  \
  FUNCTION(void *, g_async_queue_timeout_pop, (void *, uint64_t))                                \
  FUNCTION(void *, g_thread_pool_new, (void (*)(void *, void *), void *, int, int, void **))     \
  FUNCTION(int, g_thread_pool_push, (void *, void *, void **))                                   \
  FUNCTION(void, g_thread_pool_free, (void *, int, int))                                         \
  FUNCTION(int64_t, g_get_monotonic_time, (void))

#define DECLARE(type, name, parameters) static type(*name) parameters;
FUNCTIONS(DECLARE)

int ccalls_glib(void) {
  void *library = dlopen("libglib-2.0.so.0", RTLD_NOW);
  if (library == NULL) return -1;
#define FIND(type, name, parameters) *(void **)&name = dlsym(library, #name);
  FUNCTIONS(FIND)
  return g_get_monotonic_time != NULL ? 0 : -1;
}

// ---- Locks --------------------------------------------------------------------------------------------------------

static g_mutex mutex;
static g_lock recursive, lock, condition;
static int tickets;

void ccalls_glib_lock(int kind) {
  switch (kind) {
  case 0: g_mutex_lock(&mutex); break;
  case 1:
    g_rec_mutex_lock(&recursive);
    g_rec_mutex_lock(&recursive);
    break;
  case 2: g_rw_lock_writer_lock(&lock); break;
  default: g_rw_lock_reader_lock(&lock);
  }
}

void ccalls_glib_unlock(int kind) {
  switch (kind) {
  case 0: g_mutex_unlock(&mutex); break;
  case 1:
    g_rec_mutex_unlock(&recursive);
    g_rec_mutex_unlock(&recursive);
    break;
  case 2: g_rw_lock_writer_unlock(&lock); break;
  default: g_rw_lock_reader_unlock(&lock);
  }
}

int ccalls_glib_take_ticket(int milliseconds) {
  int64_t end = g_get_monotonic_time() + (int64_t)milliseconds * 1000;
  int has_one = 1;
  g_mutex_lock(&mutex);
  while (tickets == 0 && has_one) {
    if (milliseconds < 0) g_cond_wait(&condition, &mutex);
    else has_one = g_cond_wait_until(&condition, &mutex, end);
  }
  if (has_one) tickets--;
  g_mutex_unlock(&mutex);
  return has_one;
}

void ccalls_glib_give_tickets(int count) {
  g_mutex_lock(&mutex);
  tickets += count;
  if (count == 1) g_cond_signal(&condition);
  else g_cond_broadcast(&condition);
  g_mutex_unlock(&mutex);
}

int ccalls_glib_once(void) {
  static size_t done;
  static int times;
  if (g_once_init_enter(&done)) {
    times++;
    usleep(20000);
    g_once_init_leave(&done, 1);
  }
  return times;
}

// ---- Queues and pools ---------------------------------------------------------------------------------------------

void *ccalls_glib_queue(void) { return g_async_queue_new(); }
void ccalls_glib_free_queue(void *queue) { g_async_queue_unref(queue); }
void ccalls_glib_push(void *queue, long value) { g_async_queue_push(queue, (void *)value); }
long ccalls_glib_pop(void *queue, int milliseconds) {
  if (milliseconds < 0) return (long)g_async_queue_pop(queue);
  return (long)g_async_queue_timeout_pop(queue, (uint64_t)milliseconds * 1000);
}

static void work(void *value, void *queue) {
  usleep(3000);
  g_async_queue_push(queue, value);
}

// GLib keeps its threads for some time, also the one that makes the others where there is one: they are to take no signals of
// later cases.
static void without_signals(sigset_t *before) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, before);
}

void *ccalls_glib_pool(void *queue, int threads) {
  sigset_t before;
  without_signals(&before);
  void *pool = g_thread_pool_new(work, queue, threads, 0, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return pool;
}

void ccalls_glib_give_work(void *pool, long value) {
  sigset_t before;
  without_signals(&before);
  g_thread_pool_push(pool, (void *)value, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void ccalls_glib_finish(void *pool) { g_thread_pool_free(pool, 0, 1); }
