// Names looked up by a pool of ten threads that block in getaddrinfo.

#include "bench.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 10 };

static atomic_long next_name, answered;
static long count;

static void *work(void *argument) {
  (void)argument;
  long number;
  while ((number = atomic_fetch_add(&next_name, 1)) < count) {
    char name[64];
    snprintf(name, sizeof name, "host%ld.bench.test", number);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    if (getaddrinfo(name, "80", &hints, &list) != 0) continue;
    answered++;
    freeaddrinfo(list);
  }
  return NULL;
}

int main(int argument_count, char **arguments) {
  count = count_argument(argument_count, arguments);
  int64_t start = nanoseconds();
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    errno = pthread_create(&threads[i], NULL, work, NULL);
    if (errno) fail("pthread_create");
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  show("ms", (double)(nanoseconds() - start) * 1e-6);
  show("answered", (double)answered);
  return 0;
}
