#ifndef THREAD_CALLS_H
#define THREAD_CALLS_H

// Code that takes the thread it runs on for its own, and waits in the middle.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Throws the number, waits where it is caught, and gives what is thrown again from there.
int thread_calls_rethrow(int number, unsigned microseconds);
// Throws the number past a destructor that waits: the number, or -1 when the destructor saw another count of exceptions
// under way than one.
int thread_calls_unwind(int number, unsigned microseconds);
// Initialises one thing by std::call_once; the first two initialisers wait and throw. How many of the caller's own have
// thrown, or -1 when it is not initialised after that.
int thread_calls_once(unsigned microseconds);
// Counts the calls in a thread_local with a constructor, which waits; the count. Its destructor waits too; how many have run.
int thread_calls_count(unsigned microseconds);
int thread_calls_counters_destroyed(void);

// A child of fork takes a robust lock, once more after giving it back, and ends. What locking it says then, in the
// parent; -1 when the child could not.
int thread_calls_die_with_lock(void);

// _Fork(3): in the child, ends with 0 when the calling fiber is still a thread to the C library. The child's status.
int thread_calls_bare_fork(void);

// Initialises one thing by dispatch_once, which waits; how often it was initialised.
int thread_calls_dispatch_once(unsigned microseconds);
// Waits on one serial queue by dispatch_async_and_wait or, `is_barrier`, by its barrier; whether it was alone there.
int thread_calls_async_and_wait(unsigned microseconds, int is_barrier);

// A word of the calling thread's.
unsigned long *thread_calls_word(void);

// Bytes of the calling thread's stack by pthread_getattr_np; 0 where its bounds do not hold the calling frame.
size_t thread_calls_stack_bytes(void);

#ifdef __cplusplus
}
#endif
#endif
