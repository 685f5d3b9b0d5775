// Calls that wait inside the C library, for what no loop can wait for: a thread makes them, to their end. aio_suspend(3),
// lio_listio(3), gai_suspend(3), getaddrinfo_a(3), wordexp(3), getpass(3), gethostid(3).

#define FAMILY GREEN_DESCRIPTORS
#include "redirect.h"

#include <aio.h>
#include <netdb.h>
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
  long (*body)(const struct call *call);
  void *first, *second;
  int count, flags;
  const struct timespec *time;
  long result;
  int error;
};

static void perform(void *context) {
  struct call *call = context;
  call->result = call->body(call);
  call->error = errno;
}

static long elsewhere(const green_redirect_table *table, struct call *call) {
  int saved = errno;
  if (table == NULL) perform(call);
  else green_on_thread(table, perform, call);
  errno = call->result == 0 ? saved : call->error;
  return call->result;
}

// ---- Asynchronous input and output, and names ---------------------------------------------------------------------

static long of_suspend(const struct call *call) {
  return real_aio_suspend()((const struct aiocb *const *)call->first, call->count, call->time);
}

REDIRECTED int aio_suspend(const struct aiocb *const list[], int count, const struct timespec *restrict time) {
  struct call call = {.body = of_suspend, .first = (void *)list, .count = count, .time = time};
  return (int)elsewhere(fiber_table(), &call);
}

static long of_list(const struct call *call) {
  return real_lio_listio()(call->flags, (struct aiocb *const *)call->first, call->count, call->second);
}

REDIRECTED int lio_listio(int mode, struct aiocb *const list[restrict], int count, struct sigevent *restrict event) {
  struct call call = {.body = of_list, .first = (void *)list, .second = event, .count = count, .flags = mode};
  return (int)elsewhere(mode == LIO_WAIT ? fiber_table() : NULL, &call);
}

static long of_name_suspend(const struct call *call) {
  return real_gai_suspend()((const struct gaicb *const *)call->first, call->count, call->time);
}

REDIRECTED int gai_suspend(const struct gaicb *const list[], int count, const struct timespec *time) {
  struct call call = {.body = of_name_suspend, .first = (void *)list, .count = count, .time = time};
  return (int)elsewhere(family_table(GREEN_NAMES), &call);
}

static long of_names(const struct call *call) {
  return real_getaddrinfo_a()(call->flags, (struct gaicb **)call->first, call->count, call->second);
}

REDIRECTED int getaddrinfo_a(int mode, struct gaicb *list[restrict], int count, struct sigevent *restrict event) {
  struct call call = {.body = of_names, .first = list, .second = event, .count = count, .flags = mode};
  return (int)elsewhere(mode == GAI_WAIT ? family_table(GREEN_NAMES) : NULL, &call);
}

// ---- A shell, a person, a host ------------------------------------------------------------------------------------

static long of_words(const struct call *call) { return real_wordexp()(call->first, call->second, call->flags); }

REDIRECTED int wordexp(const char *restrict words, wordexp_t *restrict result, int flags) {
  struct call call = {.body = of_words, .first = (void *)words, .second = result, .flags = flags};
  return (int)elsewhere(family_table(GREEN_PROCESSES), &call);
}

static long of_password(const struct call *call) { return (long)real_getpass()(call->first); }

REDIRECTED char *getpass(const char *prompt) {
  struct call call = {.body = of_password, .first = (void *)prompt};
  return (char *)elsewhere(family_table(GREEN_STREAMS), &call);
}

static long of_host(const struct call *call) {
  (void)call;
  return real_gethostid()();
}

// It may ask for the address of this host's name.
REDIRECTED long gethostid(void) {
  struct call call = {.body = of_host};
  return elsewhere(family_table(GREEN_NAMES), &call);
}

// off_t has 64 bits, as off64_t has; the header has types of their own for these.
REDIRECTED extern __typeof__(aio_suspend) suspend_64 __asm__("aio_suspend64") __attribute__((alias("aio_suspend")));
REDIRECTED extern __typeof__(lio_listio) listio_64 __asm__("lio_listio64") __attribute__((alias("lio_listio")));
