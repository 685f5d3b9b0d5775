#ifndef CCALLS_H
#define CCALLS_H

// What Swift cannot call, or cannot be: vfork, and code in a signal handler.

// Calls vfork; the child sleeps for so many microseconds, reads from `descriptor` what may have to be waited for, and ends
// with the number of bytes as its status. Returns the status.
int ccalls_vfork(int descriptor, unsigned microseconds);

// A shell's script in the place of this process; in a child of vfork: its status.
_Noreturn void ccalls_become_shell(const char *script);
int ccalls_vfork_shell(const char *script);
// pidfd_open(2).
int ccalls_open_process(int process);

// Handles the signal by reading a byte from `descriptor`, which may have to be waited for. The result of the last such
// read, and what the handler is by sigaction and signal: 0 when both say it is the one that was set.
int ccalls_handle(int signal, int descriptor);
long ccalls_handled(void);
int ccalls_handler_is_seen(int signal);

#include <stddef.h>

// Every kind of call, made so that it would have to wait for ever: what they need, their names (NULL after the last), and
// one of them made.
int ccalls_prepare(void);
void ccalls_clean_up(void);
const char *ccalls_name(size_t index);
long ccalls_wait(size_t index);

// close(2) past the redirect, as libc's own code closes.
int ccalls_close_unseen(int descriptor);

// futex(2) by syscall(2), as libraries call it: 0 or the error. Private to the process unless `is_shared`; below zero
// milliseconds the wait has no end.
#include <stdint.h>

struct timespec;
int ccalls_futex_wait(uint32_t *word, uint32_t value, int milliseconds, int is_shared);
int ccalls_futex_wait_until(uint32_t *word, uint32_t value, const struct timespec *time, int is_real_time, uint32_t bits);
// How many were woken.
int ccalls_futex_wake(uint32_t *word, int most);
int ccalls_futex_wake_bits(uint32_t *word, int most, uint32_t bits);
int ccalls_futex_requeue(uint32_t *word, int most, uint32_t *other);
void ccalls_store(uint32_t *word, uint32_t value);
uint32_t ccalls_load(const uint32_t *word);

// thrd_yield(3), which Swift does not import.
void ccalls_thrd_yield(void);

// Two numbers read from a stream over the descriptor, which is closed, with C23's scanf: how many there were.
int ccalls_scan_two(int descriptor, int *first, int *second);
// tee(2) and vmsplice(2), which Swift does not import, and syslog(3), which it cannot call.
long ccalls_splice(int in, int out, size_t count);
long ccalls_tee(int in, int out);
long ccalls_vmsplice(int pipe, void *bytes, size_t count);
void ccalls_log(const char *text);
int ccalls_syncfs(int descriptor);
// close_range(2) without flags; closefrom(3).
int ccalls_close_range(int first, int last);
void ccalls_close_from(int first);
// copy_file_range(2) from where the first is to where the other is.
long ccalls_copy(int from, int to, size_t count);
// eventfd(2), eventfd_read(3), which gives the value, and eventfd_write(3).
int ccalls_counter(void);
uint64_t ccalls_counter_read(int counter);
int ccalls_counter_add(int counter, uint64_t value);

// Sets of epoll(7), the descriptor in the first and each in the next, as many as may be; how many. epoll_wait(2).
int ccalls_nest(int descriptor, int *sets, int most);
int ccalls_epoll_wait(int set, int milliseconds);

// Makes modules answer for a database of nsswitch.conf(5): 0 or -1.
int ccalls_ask_module(const char *database, const char *modules);
// Raises a signal in whose handler, set before the redirect was there, the thread sleeps: by how much *turns, which others count,
// grows meanwhile; below 0 when the handler is not seen, or not raised.
int ccalls_raise_early(const int *turns);
// A stream whose functions of fopencookie(3) wait; how many bytes it was given, and how often it was in use at once.
#include <stdio.h>
FILE *ccalls_slow_stream(void);
size_t ccalls_slow_stream_count(void);
int ccalls_slow_stream_most(void);

// A queue of POSIX that holds one message, and has one where it is full; or -1.
int ccalls_queue(int is_full);
long ccalls_queue_receive(int queue);
int ccalls_queue_send(int queue);
int ccalls_queue_close(int queue);

// GLib: 0 when it is there. Its mutex (0), recursive mutex (1), read-write lock for writing (2) and reading (3).
int ccalls_glib(void);
void ccalls_glib_lock(int kind);
void ccalls_glib_unlock(int kind);
// One of the tickets, of which there are none at first, waiting with GCond; 0 when the time has passed, below zero there is
// none.
int ccalls_glib_take_ticket(int milliseconds);
void ccalls_glib_give_tickets(int count);
// How often an initialiser of g_once_init_enter has run that waits.
int ccalls_glib_once(void);
// A GAsyncQueue of numbers; 0 when the time has passed.
void *ccalls_glib_queue(void);
void ccalls_glib_free_queue(void *queue);
void ccalls_glib_push(void *queue, long value);
long ccalls_glib_pop(void *queue, int milliseconds);
// A GThreadPool that puts numbers into a queue after a while; finishing it waits for all.
void *ccalls_glib_pool(void *queue, int threads);
void ccalls_glib_give_work(void *pool, long value);
void ccalls_glib_finish(void *pool);

// A pipe that keeps each write's bytes apart; a descriptor that can be read `count` times.
int ccalls_pipe_of_packets(int ends[2]);
int ccalls_events(unsigned count);

#endif
