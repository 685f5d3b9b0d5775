#define _GNU_SOURCE

#include "cglibc_main_queue.h"

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

// What CoreFoundation's run loop serves the queue with. Weak: not every program has libdispatch.
extern int _dispatch_get_main_queue_handle_4CF(void) __attribute__((weak));
extern void _dispatch_main_queue_callback_4CF(void *unused) __attribute__((weak));

int cglibc_main_queue_descriptor(void) {
  if (!_dispatch_get_main_queue_handle_4CF || !_dispatch_main_queue_callback_4CF) return -1;
  // libdispatch ends the process where another thread serves it.
  return getpid() == gettid() ? _dispatch_get_main_queue_handle_4CF() : -1;
}

void cglibc_main_queue_clear(int descriptor) {
  uint64_t count;
  ssize_t ignored = read(descriptor, &count, sizeof count);
  (void)ignored;
}

void cglibc_main_queue_run(void) { _dispatch_main_queue_callback_4CF(NULL); }
