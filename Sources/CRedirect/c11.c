// C11's threads.h: thrd_join, mtx_*, cnd_*, call_once, tss_*.
//
// In glibc they are the pthread functions under other names (the types have one layout), but do not call them by name.

#include "redirect.h"

#include <pthread.h>
#include <stdint.h>
#include <threads.h>

_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t is another type");
_Static_assert(sizeof(mtx_t) <= sizeof(pthread_mutex_t), "mtx_t is another type");

// nptl/thrd_priv.h
static int result_of(int error) {
  switch (error) {
  case 0: return thrd_success;
  case ENOMEM: return thrd_nomem;
  case ETIMEDOUT: return thrd_timedout;
  case EBUSY: return thrd_busy;
  default: return thrd_error;
  }
}

// By its own name all the same: a sanitizer knows only the threads that pthread_create(3) has made.
REAL(thrd_join)

struct join {
  thrd_t thread;
  int *result;
  int status;
};

static void join(void *context) {
  struct join *join = context;
  join->status = real_thrd_join()(join->thread, join->result);
}

REDIRECTED int thrd_join(thrd_t thread, int *result) {
  const credirect_table *table = family_table(GREEN_THREADS);
  if (table == NULL || thrd_equal(thread, thrd_current())) return real_thrd_join()(thread, result);
  struct join call = {thread, result, thrd_error};
  credirect_on_thread(table, join, &call);
  return call.status;
}

REAL(thrd_exit)

REDIRECTED void thrd_exit(int result) {
  if (family_table(GREEN_THREADS) != NULL) pthread_exit(NULL); // says so
  real_thrd_exit()(result);
  __builtin_unreachable();
}

REDIRECTED int mtx_lock(mtx_t *mutex) {
  return result_of(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

REDIRECTED int mtx_trylock(mtx_t *mutex) {
  return result_of(pthread_mutex_trylock((pthread_mutex_t *)mutex));
}

REDIRECTED int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict time) {
  return result_of(pthread_mutex_timedlock((pthread_mutex_t *)mutex, time));
}

REDIRECTED int mtx_unlock(mtx_t *mutex) { return result_of(pthread_mutex_unlock((pthread_mutex_t *)mutex)); }

REDIRECTED int cnd_wait(cnd_t *condition, mtx_t *mutex) {
  return result_of(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

REDIRECTED int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict time) {
  return result_of(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, time));
}

REDIRECTED int cnd_signal(cnd_t *condition) { return result_of(pthread_cond_signal((pthread_cond_t *)condition)); }

REDIRECTED int cnd_broadcast(cnd_t *condition) {
  return result_of(pthread_cond_broadcast((pthread_cond_t *)condition));
}

REDIRECTED void call_once(once_flag *flag, void (*function)(void)) { pthread_once((pthread_once_t *)flag, function); }

REDIRECTED int tss_create(tss_t *key, tss_dtor_t destructor) {
  return result_of(credirect_create_key(key, destructor, __builtin_return_address(0)));
}

REDIRECTED void tss_delete(tss_t key) { pthread_key_delete(key); }

REDIRECTED void *tss_get(tss_t key) { return pthread_getspecific(key); }

REDIRECTED int tss_set(tss_t key, void *value) { return result_of(pthread_setspecific(key, value)); }
