#ifndef WAITCALLS_H
#define WAITCALLS_H

// Calls of the C library that Swift cannot make: variadic ones, macros, C11's threads, and what its Glibc does not show.

#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <wchar.h>

// ---- Streams ------------------------------------------------------------------------------------------------------

// fprintf(stream, "%s %d\n", …) and fscanf(stream, "%15s %d", …)
int calls_print(FILE *stream, const char *word, int number);
int calls_scan(FILE *stream, char word[16], int *number);
// The macros getc_unlocked and putc_unlocked.
int calls_get(FILE *stream);
int calls_put(int character, FILE *stream);

// ---- Threads ------------------------------------------------------------------------------------------------------

// A thread that sleeps and returns `value`.
pthread_t calls_sleeper(unsigned milliseconds, void *value);
// A detached thread that sleeps and then posts.
void calls_post_later(sem_t *semaphore, unsigned milliseconds);
// pthread_timedjoin_np and pthread_tryjoin_np, `milliseconds` from now.
int calls_timed_join(pthread_t thread, unsigned milliseconds);
int calls_try_join(pthread_t thread);
// A thread that waits at the barrier.
pthread_t calls_arrive(pthread_barrier_t *barrier);
// The kind of read-write locks where readers wait for a writer that waits; pthread_rwlock_clockwrlock by CLOCK_MONOTONIC.
int calls_prefers_writers(void);
int calls_write_lock_until(pthread_rwlock_t *lock, const struct timespec *time);
int calls_kind_of_mutex(int kind, int is_robust, int inherits, pthread_mutex_t *mutex);
// A thread that waits for the semaphore and returns `value`.
pthread_t calls_waiter(sem_t *semaphore, void *value);
// How often the calling thread has waited in the kernel: not for the processor, which others may have.
long calls_waits(void);
// The kernel's number of the calling thread, and whether the thread of this process with that number waits in the
// kernel, or has ended: one that is only kept from the processor does not. 0 is no number.
int calls_thread_number(void);
int calls_is_asleep(int thread);

// ---- C11 ----------------------------------------------------------------------------------------------------------

int calls_thrd_sleep(unsigned milliseconds);
// One mutex and one condition of C11: waits until the flag is set; sets it.
int calls_c11_wait(void);
int calls_c11_timed_wait(unsigned milliseconds);
void calls_c11_set(void);
int calls_c11_join(unsigned milliseconds);
void calls_c11_once(void (*function)(void));

// ---- Guards -------------------------------------------------------------------------------------------------------

// Whether a sanitizer is there, which ends the process where POSIX knows an error.
int calls_are_sanitized(void);
// Whether ThreadSanitizer's guards are in force, which leave no room for others.
int calls_guards_are_real(void);
// As a C++ function with a static whose initialiser sleeps: 1 to the one who made it.
int calls_static(unsigned milliseconds);
int calls_static_fails_first(unsigned milliseconds);
// As a C++ function with a static whose initialiser is the function.
void calls_static_made_by(void (*function)(void));

// ---- Thread-specific data -----------------------------------------------------------------------------------------

unsigned calls_destroyed(void);
int calls_counted_key(pthread_key_t *key);

// ---- Signals ------------------------------------------------------------------------------------------------------

// Blocks a signal for the calling thread, or lets it through; counts it by a handler; resets it.
void calls_block(int number, int is_blocked);
void calls_count(int number);
int calls_counted(void);
// The handler of a signal posts, see sem_post(3).
void calls_post_on(int number, sem_t *semaphore);
// sigsuspend with the thread's mask less one signal.
int calls_suspend_for(int number);
// sigtimedwait for one signal: its number, or -1. `value` is that of sigqueue.
int calls_take(int number, int milliseconds, int *value);
int calls_queue(int number, int value);

// ---- Names --------------------------------------------------------------------------------------------------------

// The error of the thread's last look-up: h_errno.
int calls_host_error(void);
int calls_query(const char *name, unsigned char *answer, int size);

// ---- Inside the C library -----------------------------------------------------------------------------------------

// The byte that was read by aio_read(3) and aio_suspend(3), or by lio_listio(3); -1 for an error.
int calls_aio_suspend(int descriptor);
int calls_lio_listio(int descriptor);
// wordexp(3): how many words.
int calls_wordexp(const char *words);
// getaddrinfo_a(3), with GAI_WAIT or with gai_suspend: its error.
int calls_getaddrinfo_a(const char *name, int waits_later);
// tcsetattr(3) and tcsendbreak of a terminal of its own.
int calls_set_terminal(int action);
// fwscanf(stream, L"%15ls %d", …)
int calls_scan_wide(FILE *stream, wchar_t *word, int *number);

#endif
