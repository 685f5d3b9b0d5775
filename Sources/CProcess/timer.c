#define _GNU_SOURCE

#include "green_timer.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int green_timer_open(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

int green_timer_set(int descriptor, int64_t nanoseconds) {
  struct itimerspec time = {.it_value = {nanoseconds / 1000000000, nanoseconds % 1000000000}};
  return timerfd_settime(descriptor, 0, &time, NULL);
}

void green_timer_clear(int descriptor) {
  uint64_t times;
  ssize_t ignored = read(descriptor, &times, sizeof times);
  (void)ignored;
}

int green_event_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
