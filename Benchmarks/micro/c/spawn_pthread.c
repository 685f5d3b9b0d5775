// A thread created and joined, one after another.

#include "bench.h"

#include <pthread.h>

static void *child(void *argument) {
  long *number = argument;
  *number += 1;
  return NULL;
}

int main(int argument_count, char **arguments) {
  long count = count_argument(argument_count, arguments);
  long sum = 0;
  int64_t start = nanoseconds();
  for (long i = 0; i < count; i++) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, child, &sum);
    if (errno) fail("pthread_create");
    pthread_join(thread, NULL);
  }
  show("ns", (double)(nanoseconds() - start) / (double)count);
  return sum != count;
}
