#ifndef CXXCALLS_H
#define CXXCALLS_H

// What C++20's standard library waits with, each behind a number.

#ifdef __cplusplus
extern "C" {
#endif

enum cxx_kind { CXX_ATOMIC, CXX_LATCH, CXX_BARRIER, CXX_SEMAPHORE, CXX_FUTURE, CXX_KINDS };

const char *cxx_name(int kind);
// A new object of the kind, for one waiter, kept to the end of the process.
void *cxx_make(int kind);
// Waits until the object is released, and takes it: whether it was as it should be.
int cxx_wait(int kind, void *object);
void cxx_release(int kind, void *object);
// Waits for one that nobody releases, as long as so many milliseconds: whether it was said to have passed. Of those that
// know a time: CXX_SEMAPHORE, CXX_FUTURE.
int cxx_wait_in_vain(int kind, void *object, int milliseconds);

#ifdef __cplusplus
}
#endif
#endif
