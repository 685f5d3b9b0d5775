#include "CCalls.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int operation_of(int operation, int is_shared) { return is_shared ? operation : operation | FUTEX_PRIVATE_FLAG; }

int ccalls_futex_wait(uint32_t *word, uint32_t value, int milliseconds, int is_shared) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  long result = syscall(SYS_futex, word, operation_of(FUTEX_WAIT, is_shared), value, milliseconds < 0 ? NULL : &time);
  return result == 0 ? 0 : errno;
}

int ccalls_futex_wait_until(uint32_t *word, uint32_t value, const struct timespec *time, int is_real_time,
                            uint32_t bits) {
  int operation = operation_of(FUTEX_WAIT_BITSET, 0) | (is_real_time ? FUTEX_CLOCK_REALTIME : 0);
  return syscall(SYS_futex, word, operation, value, time, NULL, bits) == 0 ? 0 : errno;
}

int ccalls_futex_wake(uint32_t *word, int most) { return (int)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most); }

int ccalls_futex_wake_bits(uint32_t *word, int most, uint32_t bits) {
  return (int)syscall(SYS_futex, word, operation_of(FUTEX_WAKE_BITSET, 0), most, NULL, NULL, bits);
}

int ccalls_futex_requeue(uint32_t *word, int most, uint32_t *other) {
  return (int)syscall(SYS_futex, word, FUTEX_REQUEUE_PRIVATE, most, 100L, other);
}

void ccalls_store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }

uint32_t ccalls_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

void ccalls_thrd_yield(void) { thrd_yield(); }
