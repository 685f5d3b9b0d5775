/* green.h: libgreen, green threads ("fibers") for programs in C and whatever can call C.
 *
 * A hub is one thread's scheduler: it runs fibers, one at a time, and waits in one libev loop for whatever they wait for.
 * A fiber is plain blocking code with a stack of its own. Whatever it waits for, another fiber runs meanwhile.
 *
 *     static void *hello(void *name) {
 *       green_sleep(GREEN_SECOND);
 *       printf("hello %s\n", (char *)name);
 *       return NULL;
 *     }
 *     static void *body(void *unused) {
 *       green_detach(green_spawn(hello, "Anna", NULL));
 *       green_detach(green_spawn(hello, "Otto", NULL));
 *       return unused;
 *     }
 *     int main(void) { return green_run(body, NULL, NULL); }   // cc hello.c $(pkg-config --cflags --libs green)
 *
 * A program that is linked with this library, or started with LD_PRELOAD=libgreen.so, has libc's blocking calls (sleep,
 * read, recv, connect, poll, pthread_mutex_lock and many more) wait in the hub when a fiber makes them, in its own code
 * and in its libraries': this is the redirect. A program that loads the library by dlopen(3) has the fibers without
 * the redirect, since its calls are already bound: green_redirect_state tells.
 *
 * Rules for all functions:
 * - What can fail returns 0 or a positive errno number, and leaves errno alone; what makes an object returns NULL with
 *   errno set.
 * - "May park": the calling fiber waits and others run. Outside fibers the same call blocks the thread.
 * - Once a fiber is cancelled every call in it that would park fails with ECANCELED, and once the deadline of a scope
 *   around the call has passed, with ETIMEDOUT. See green_cancel and green_with_deadline.
 * - Deadlines are absolute: nanoseconds of CLOCK_MONOTONIC, GREEN_NEVER for none. One that has passed makes a call try
 *   and not wait.
 * - Objects belong to the thread of their hub, apart from channels, and from green_hub_post.
 * - Writing to a peer that has gone raises SIGPIPE, which ends the process, as without this library: a program that serves
 *   ignores it by signal(2), and has EPIPE.
 * - C++ exceptions and longjmp(3) must not leave a fiber's body, or a function that this library calls.
 */
#ifndef GREEN_H
#define GREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The interface that this header describes; a library of the same major number has all of it. */
#define GREEN_VERSION_MAJOR 0
#define GREEN_VERSION_MINOR 1

/* The library's own version: major * 1000 + minor. */
int green_version(void);

/* ---- Time ------------------------------------------------------------------------------------------------------- */

/* The deadline that never comes. */
#define GREEN_NEVER INT64_MAX
/* In nanoseconds. */
#define GREEN_MILLISECOND INT64_C(1000000)
/* In nanoseconds. */
#define GREEN_SECOND INT64_C(1000000000)

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t green_now(void);

/* The deadline that lies so many nanoseconds ahead; never overflows. */
int64_t green_after(int64_t nanoseconds);

/* ---- Hubs ------------------------------------------------------------------------------------------------------- */

/* What a fiber runs. The result is for green_join. */
typedef void *(*green_body)(void *context);

/* Makes the calling thread a hub, runs body(context) as its first fiber, and returns when all fibers have ended. A process
 * may have one hub in each thread. *result, unless result is NULL, is what the body returned.
 * 0; EBUSY where the thread has a hub already; EDEADLK when every fiber was left waiting for what nobody could bring
 * about (the fibers are listed on standard error first); ENOMEM, EMFILE and the like when there is no loop or stack. */
int green_run(green_body body, void *context, void **result);

/* A hub as other threads know it. */
typedef struct green_hub green_hub;

/* The calling thread's hub, NULL where there is none. Release it with green_hub_release. */
green_hub *green_hub_current(void);

/* Has body(context) run as a new fiber of the hub, where no stack can be had once there is one. May be called on any thread,
 * not in a signal handler.
 * 0; ESRCH when the hub has ended: the body will not run. */
int green_hub_post(green_hub *hub, green_body body, void *context);

/* Gives back what green_hub_current gave. NULL does nothing. */
void green_hub_release(green_hub *hub);

/* ---- Fibers ----------------------------------------------------------------------------------------------------- */

/* A fiber as others know it, until it is joined or detached. */
typedef struct green_handle green_handle;

/* A new fiber, which runs body(context) when its turn comes. The name, NULL for none, is copied; dumps show it, and the
 * place of the call. NULL with errno: ENOMEM; EINVAL outside a hub. */
#define green_spawn(body, context, name) green_spawn_at(body, context, name, __FILE__, __LINE__)

/* As green_spawn, for other languages: the file, UTF-8, must live as long as the process. */
green_handle *green_spawn_at(green_body body, void *context, const char *name, const char *file, unsigned line);

/* As green_spawn, for a fiber that is a whole thread to C and C++: thread_local variables, pthread keys, exceptions under
 * way, errno, uselocale(3) and pthread_self(3) are its own. When its body has returned, the destructors of its variables and
 * keys run in it, maybe after green_join has; what has none is kept for the fibers after it, as a thread pool's threads keep
 * theirs. 8 KB, and 60 microseconds the first time. An ordinary fiber where green_can_isolate says no. NULL with errno as
 * green_spawn. */
#define green_spawn_isolated(body, context, name) green_spawn_isolated_at(body, context, name, __FILE__, __LINE__)

/* As green_spawn_isolated, for other languages: as green_spawn_at. */
green_handle *green_spawn_isolated_at(
    green_body body, void *context, const char *name, const char *file, unsigned line);

/* Whether this process can have such fibers; if not, *reason, unless reason is NULL, says why not in a few words. */
bool green_can_isolate(const char **reason);

/* Has `count` machine words of each thread, thread-local variables of a library or of an embedded language, belong to the
 * fiber, on every thread that runs a hub: words() is called on each and says where they lie there, aligned, for as long as
 * the thread runs. The calling fiber keeps the values that are there, every other begins with zero. Those of C++ are so by
 * themselves. Twice is as once. 0; EINVAL; ENOSPC beyond 24 words in all, of which C++ has four. */
int green_words_per_fiber(void *(*words)(void), size_t count);

/* Has the pthread keys that a library creates from now on belong to the fiber: each has its own value, NULL at first, and
 * the key's destructor runs at the fiber's end. Outside fibers they stay the thread's. The library by its file's name, without
 * what comes after a point or a dash: "libxml2". libcrypto's are so by themselves, and so OpenSSL's queue of errors is the
 * fiber's. 0; EINVAL, ENAMETOOLONG; ENOSPC beyond 32 libraries; ENOTSUP where the redirect is not in force. */
int green_keys_per_fiber(const char *library);

/* Waits until the fiber has ended, and releases the handle. *result, unless result is NULL, is what the body returned.
 * May park. 0; ETIMEDOUT or ECANCELED (the handle stays valid); EDEADLK for the calling fiber's own handle; ENOENT: the
 * fiber was cancelled before it began, and the handle is released. */
int green_join(green_handle *fiber, void **result, int64_t deadline);

/* Releases the handle; the fiber runs on. NULL is allowed, so that green_detach(green_spawn(...)) needs no check where a
 * missing fiber does not matter. */
void green_detach(green_handle *fiber);

/* From now on every call in the fiber that would park fails with ECANCELED, the one in which it is parked too, until it has
 * ended; what can be done at once is done, so that clean-up works. One that has not begun never will. */
void green_cancel(green_handle *fiber);

/* Whether the calling fiber has been cancelled. */
bool green_is_cancelled(void);

/* A number that no other fiber of the process has; 0 outside fibers. */
uint64_t green_id(void);

/* Lets the other fibers that are ready run first. Never fails. */
void green_yield(void);

/* Parks for so many nanoseconds. 0; ECANCELED; ETIMEDOUT when a scope's deadline came first. */
int green_sleep(int64_t nanoseconds);

/* Parks until a moment. 0; ECANCELED; ETIMEDOUT when a scope's deadline came first. */
int green_sleep_until(int64_t deadline);

/* Calls body(context) with a deadline for every call in it that would park, in the fibers that it spawns too. Scopes nest:
 * the earlier counts. 0, or ETIMEDOUT when the deadline had passed by its end; *result as the body returned it. */
int green_with_deadline(int64_t deadline, green_body body, void *context, void **result);

/* Calls body(context) with no cancellation and no scope's deadline in force: for clean-up that must park. */
void *green_with_shield(green_body body, void *context);

/* Calls body(context) on a stack of so many usable bytes, 0 for 8 MB: for code that recurses deeply. It is the same fiber
 * meanwhile, and may park; works outside fibers too. Stacks of the default size are kept, and such a call makes no system
 * call. *result as the body returned it. 0; EINVAL for fewer than 32 KB; ENOMEM. */
int green_on_big_stack(size_t bytes, green_body body, void *context, void **result);

/* ---- Waiting for the world --------------------------------------------------------------------------------------- */

/* The directions of green_wait. */
enum {
  /* Until it may be read. */
  GREEN_READ = 1,
  /* Until it may be written. */
  GREEN_WRITE = 2
};

/* Waits until fd may be read (GREEN_READ) or written (GREEN_WRITE) without blocking, or has failed: the call itself then
 * tells. May park. 0; ETIMEDOUT; ECANCELED; EBADF when it is closed meanwhile; EINVAL for other directions. A close that
 * this library cannot see, without the redirect, must be told with green_closing before it and green_closed after it. */
int green_wait(int fd, int direction, int64_t deadline);

/* fd is about to be closed: whoever waits for it in the calling thread's hub is woken. Never parks. Only needed without the
 * redirect, which sees close(2). */
void green_closing(int fd);

/* fd has been closed: whoever waits for it in the hubs of other threads, and may have waited again since green_closing, is
 * woken. Never parks. Only needed without the redirect, where other threads have hubs. */
void green_closed(int fd);

/* Runs body(context) on a thread of a pool, which grows on demand and shrinks when idle, and parks until it has returned:
 * for what blocks and cannot be redirected. Not interrupted by cancellation or a deadline, so the context may lie on the
 * caller's stack. *result as the body returned it. 0, or EAGAIN when there is no thread. */
int green_offload(green_body body, void *context, void **result);

/* ---- Channels ---------------------------------------------------------------------------------------------------- */

/* A queue of elements of one size, between fibers, hubs and plain threads; first come, first served. */
typedef struct green_channel green_channel;

/* Elements of `size` bytes, of which `capacity` may lie in the channel; with 0 a sender waits until its element is taken.
 * NULL with errno: ENOMEM. */
green_channel *green_channel_create(size_t size, size_t capacity);

/* Sends a copy of the element. May park. 0; EPIPE: the channel is closed; ETIMEDOUT; ECANCELED. */
int green_channel_send(green_channel *channel, const void *element, int64_t deadline);

/* Receives the next element. May park. 0; EPIPE: the channel is closed and empty; ETIMEDOUT; ECANCELED. */
int green_channel_receive(green_channel *channel, void *element, int64_t deadline);

/* From now on nothing can be sent; what lies in the channel can still be received. */
void green_channel_close(green_channel *channel);

/* How many elements lie in the channel at this moment. */
size_t green_channel_count(green_channel *channel);

/* Adds an owner, and returns the channel. */
green_channel *green_channel_retain(green_channel *channel);

/* Takes an owner away: the last one's release frees the channel. Nobody may wait in it then. */
void green_channel_release(green_channel *channel);

/* ---- The redirect ------------------------------------------------------------------------------------------------ */

/* Whether libc's blocking calls wait in the hub. */
typedef enum {
  GREEN_REDIRECT_ACTIVE = 0,  /* libc's blocking calls wait in the hub when a fiber makes them */
  GREEN_REDIRECT_UNBOUND = 1, /* the library was loaded by dlopen(3): the program's calls go to libc, and block */
  GREEN_REDIRECT_OFF = 2,     /* switched off by GREEN_REDIRECT=off */
} green_redirect_status;

/* How it is with the calls of this process. */
green_redirect_status green_redirect_state(void);

/* The same in a sentence, for a log. The text lives for ever. */
const char *green_redirect_explanation(void);

/* Until green_redirect_resume the calling fiber's calls are libc's own and block the thread. The two nest. Outside fibers they
 * do nothing. */
void green_redirect_suspend(void);

/* Ends what green_redirect_suspend began. */
void green_redirect_resume(void);

/* ---- Being asked ------------------------------------------------------------------------------------------------- */

/* What the calling thread's hub has counted. Later versions append: `size` is what the caller knows. */
typedef struct {
  uint64_t switches;     /* from one fiber to another */
  uint64_t turns;        /* of the loop */
  uint64_t spawned;      /* fibers, since the hub began */
  uint64_t alive;        /* fibers that have not ended */
  uint64_t parked;       /* of those, waiting */
  uint64_t descriptors;  /* waited for */
  uint64_t timers;       /* set */
  uint64_t stacks;       /* in use */
  uint64_t stacks_most;  /* in use at once, the most so far */
  uint64_t stack_size;   /* usable bytes each */
} green_counters;

/* 0; EINVAL outside a hub. Writes at most `size` bytes: pass sizeof(green_counters). */
int green_count(green_counters *counters, size_t size);

/* Every fiber of the calling thread's hub: name, state, what it waits for and for how long, where it was spawned, and its
 * calls. The text is the caller's, to be freed with free(3); NULL with errno outside a hub. */
char *green_dump(void);

/* Every GREEN_ variable of the environment, its value and its meaning, one line each; to be freed with free(3). */
char *green_settings(void);

#ifdef __cplusplus
}
#endif
#endif
