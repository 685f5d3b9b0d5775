// Calls that wait inside the C library, for what no loop can wait for: a thread makes them, to their end. aio_suspend(3),
// lio_listio(3), gai_suspend(3), getaddrinfo_a(3), wordexp(3), getpass(3), gethostid(3).

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <aio.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <wordexp.h>

REAL(aio_suspend)
REAL(lio_listio)
REAL(gai_suspend)
REAL(getaddrinfo_a)
REAL(wordexp)
REAL(getpass)
REAL(gethostid)

struct call {
  void *first, *second;
  int count, flags;
  const struct timespec *time;
  const sigset_t *mask;
};

static long elsewhere(const credirect_table *table, ssize_t (*body)(void *context), struct call call) {
  int saved = errno;
  long result = credirect_offload_long(table, body, &call);
  if (result == 0) errno = saved;
  return result;
}

// ---- Asynchronous input and output, and names ---------------------------------------------------------------------

static ssize_t of_suspend(void *context) {
  const struct call *call = context;
  return real_aio_suspend()((const struct aiocb *const *)call->first, call->count, call->time);
}

REDIRECTED int aio_suspend(const struct aiocb *const list[], int count, const struct timespec *restrict time) {
  return (int)elsewhere(fiber_table(), of_suspend, (struct call){.first = (void *)list, .count = count, .time = time});
}

static ssize_t of_list(void *context) {
  const struct call *call = context;
  return real_lio_listio()(call->flags, (struct aiocb *const *)call->first, call->count, call->second);
}

REDIRECTED int lio_listio(int mode, struct aiocb *const list[restrict], int count, struct sigevent *restrict event) {
  return (int)elsewhere(mode == LIO_WAIT ? fiber_table() : NULL, of_list,
                        (struct call){.first = (void *)list, .second = event, .count = count, .flags = mode});
}

static ssize_t of_name_suspend(void *context) {
  const struct call *call = context;
  return real_gai_suspend()((const struct gaicb *const *)call->first, call->count, call->time);
}

REDIRECTED int gai_suspend(const struct gaicb *const list[], int count, const struct timespec *time) {
  return (int)elsewhere(family_table(GREEN_NAMES), of_name_suspend,
                        (struct call){.first = (void *)list, .count = count, .time = time});
}

static ssize_t of_names(void *context) {
  const struct call *call = context;
  return real_getaddrinfo_a()(call->flags, (struct gaicb **)call->first, call->count, call->second);
}

REDIRECTED int getaddrinfo_a(int mode, struct gaicb *list[restrict], int count, struct sigevent *restrict event) {
  return (int)elsewhere(mode == GAI_WAIT ? family_table(GREEN_NAMES) : NULL, of_names,
                        (struct call){.first = list, .second = event, .count = count, .flags = mode});
}

// ---- A shell, a person, a host ------------------------------------------------------------------------------------

// The shell is to start with the caller's mask, and not with that of the pool's threads, which block all.
static ssize_t of_words(void *context) {
  const struct call *call = context;
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, call->mask, &before);
  int result = real_wordexp()(call->first, call->second, call->flags);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return result;
}

REDIRECTED int wordexp(const char *restrict words, wordexp_t *restrict result, int flags) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  return (int)elsewhere(family_table(GREEN_PROCESSES), of_words,
                        (struct call){.first = (void *)words, .second = result, .flags = flags, .mask = &mask});
}

static ssize_t of_password(void *context) {
  const struct call *call = context;
  return (long)real_getpass()(call->first);
}

REDIRECTED char *getpass(const char *prompt) {
  return (char *)elsewhere(family_table(GREEN_STREAMS), of_password, (struct call){.first = (void *)prompt});
}

static ssize_t of_host(void *context) {
  (void)context;
  return real_gethostid()();
}

// It may ask for the address of this host's name.
REDIRECTED long gethostid(void) {
  return elsewhere(family_table(GREEN_NAMES), of_host, (struct call){0});
}

// off_t has 64 bits, as off64_t has; the header has types of their own for these.
REDIRECTED extern __typeof__(aio_suspend) suspend_64 __asm__("aio_suspend64") __attribute__((alias("aio_suspend")));
REDIRECTED extern __typeof__(lio_listio) listio_64 __asm__("lio_listio64") __attribute__((alias("lio_listio")));
