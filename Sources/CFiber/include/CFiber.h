#ifndef CFIBER_H
#define CFIBER_H

// Fibers: a stack of its own for a function, switched to and from in user space.
//
// CFiber knows how to make, guard, switch and recycle stacks. It knows nothing of loops, queues or waiting;
// the module Green builds those on top. Nothing here is safe to call from a second thread on the same fiber:
// a fiber belongs to the thread that created it and never moves.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

// How many machine words of foreign thread-local state a fiber carries across switches (see cfiber_thread_locals).
#define GREEN_LOCAL_WORDS 8
// How many more that were registered (see cfiber_register_words), of which C++ has four.
#define GREEN_KEPT_WORDS 24
// Room in each fiber for the record that the scheduler above keeps for it and initialises.
#define GREEN_FIBER_RECORD_BYTES 256
#define GREEN_FIBER_NAME_BYTES 64

typedef void (*cfiber_entry)(void *argument);

// A fiber. It lies at the top of its own stack mapping; below it the stack grows down to a guard.
// The first members are read by the assembly: keep their order.
typedef struct cfiber_fiber {
  void *stack_pointer;       // where the fiber goes on; with GREEN_UCONTEXT, its ucontext_t
  cfiber_entry entry;
  void *argument;
  uintptr_t locals[GREEN_LOCAL_WORDS];
  int saved_errno;
  unsigned kept_count;       // how many of `kept` it has while it does not run; 0 where all are zero
  unsigned bypass;           // above zero: redirected calls made by this fiber pass straight through; 1 in the root
  unsigned keys_borrowed;    // above zero: keys that are per fiber have the thread's values, see cfiber_borrow_keys
  uint64_t id;               // counts from 1 in each process
  void *stack_low;           // lowest usable byte, just above the guard; NULL in the root
  size_t stack_size;         // bytes from there to the first frame: a little more than was asked for
  void *slab;                // NULL in the root
  uint32_t slab_index;
  void *sanitizer_stack;     // AddressSanitizer's fake stack while switched out
  void *sanitizer_fiber;     // ThreadSanitizer's fiber
  unsigned char sanitizer_ignores;  // whether it was told to look away
  unsigned valgrind_stack;
  struct cfiber_control_block *control_block;  // NULL: the thread's own
  struct cfiber_word_scope *scope;  // the outermost that it is in, see cfiber_scope_enter
  void *locale;              // as uselocale(3) has it; NULL: the thread's
  int thread;                // gettid(2) of the thread that made it and runs it; in a forked child still that of the parent's
  char name[GREEN_FIBER_NAME_BYTES];
  _Alignas(16) unsigned char record[GREEN_FIBER_RECORD_BYTES];
  uintptr_t kept[GREEN_KEPT_WORDS];
} cfiber_fiber;

// ---- Stacks -------------------------------------------------------------------------------------------------------

// A pool of equal stacks, for one thread. Stacks come from slabs reserved without swap, each stack has a guard,
// and a recycled stack is handed out again last in, first out, so that it is still in the cache.
typedef struct cfiber_pool cfiber_pool;

typedef struct cfiber_pool_statistics {
  size_t in_use;             // fibers alive
  size_t high_water;         // most fibers alive at once
  size_t warm;               // cached stacks whose memory has not been given back
  size_t mapped;             // stacks that exist, in use or cached; they stay until the pool is destroyed
  size_t stack_size;         // usable bytes of each
  int guard_by_madvise;      // 1: MADV_GUARD_INSTALL (Linux 6.13); 0: mprotect, or no fiber was created yet
} cfiber_pool_statistics;

// Usable bytes of a stack, rounded up to whole pages; 0 takes the default (512 KB). NULL with errno on failure.
cfiber_pool *cfiber_pool_create(size_t stack_size);
// Every fiber of the pool must have been recycled.
void cfiber_pool_destroy(cfiber_pool *pool);
cfiber_pool_statistics cfiber_pool_inspect(const cfiber_pool *pool);
// Gives the memory of cached stacks back to the system, all but that of the `keep` used last. The pool does so by
// itself, in small batches, for what it has not needed in the last few thousand fibers; an idle pool needs this call.
size_t cfiber_pool_warm(const cfiber_pool *pool);
void cfiber_pool_trim(cfiber_pool *pool, size_t keep);

// A fiber that will run entry(argument) when it is first switched to. An entry that returns ends in the root. On a
// cached stack this makes no system call and allocates nothing. NULL with errno on failure; then cfiber_pool_error()
// says in one sentence what ran out and which setting raises it.
cfiber_fiber *cfiber_create(cfiber_pool *pool, cfiber_entry entry, void *argument);
const char *cfiber_pool_error(const cfiber_pool *pool);
// Takes back the stack of a fiber that has finished (cfiber_finish) or was never started. A second time does nothing.
void cfiber_recycle(cfiber_pool *pool, cfiber_fiber *fiber);
// Cut to GREEN_FIBER_NAME_BYTES - 1 bytes.
void cfiber_set_name(cfiber_fiber *fiber, const char *bytes, size_t count);

// The scheduler's record, and the name as a C string: Swift cannot take the address of a member.
static inline void *cfiber_record(cfiber_fiber *fiber) { return fiber->record; }
static inline const char *cfiber_name(const cfiber_fiber *fiber) { return fiber->name; }

// A word of each thread for the runtime above: what code outside fibers has where a fiber has its record. NULL at first.
void **cfiber_thread_word(void);

// Gives the memory of the calling fiber's stack back that its present calls do not use: for one that is about to wait for
// long. One system call; the next deep call gets pages of zeros. Nothing outside fibers. errno may change.
void cfiber_stack_give_back(void);

// ---- A large stack for one call -----------------------------------------------------------------------------------

#define GREEN_BIG_STACK_BYTES (8 * 1024 * 1024)
// How much larger such a stack is than was asked: sanitizers surround variables and keep more of them, so frames are larger too.
#define GREEN_BIG_STACK_GROWTH 1
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef GREEN_BIG_STACK_GROWTH
#define GREEN_BIG_STACK_GROWTH 4
#endif
#endif

// Calls body(argument) on a stack of so many usable bytes, 0 for GREEN_BIG_STACK_BYTES: for code that recurses deeply. It
// is the same fiber all the while, and may park; on a plain thread it works too. 0, or the errno of the mapping that was
// refused, and then body was not called. Stacks of the default size are kept for the next call, which costs two switches
// and no system call. Nothing may unwind out of the body, by an exception or longjmp.
int cfiber_call_on_big_stack(size_t bytes, cfiber_entry body, void *argument);

// The lowest usable byte of the stack that the calling code runs on, and the bytes from there to its first frame: a fiber's,
// or a large one's. False on a thread's own.
bool cfiber_stack_bounds(void **low, size_t *bytes);

// ---- Switching ----------------------------------------------------------------------------------------------------

// Makes the calling thread able to run fibers: its own stack becomes a fiber too, the root. Also gives the thread an
// alternate signal stack when it has none, and installs the overflow report once per process: handlers of SIGSEGV and
// SIGBUS that hand on to those that were there before. Idempotent. NULL when there is no memory.
cfiber_fiber *cfiber_thread_attach(void);
// Undoes cfiber_thread_attach. Must be called from the root: in another fiber it does nothing.
void cfiber_thread_detach(void);
// The fiber that the calling thread runs; the root where that is one; NULL on a thread that was never attached.
// The initial-exec model makes reading the variable a plain load, also in a signal handler and in a shared library.
extern _Thread_local cfiber_fiber *cfiber_running __attribute__((tls_model("initial-exec"), visibility("hidden")));
static inline cfiber_fiber *cfiber_current(void) { return cfiber_running; }
cfiber_fiber *cfiber_thread_root(void);

// 1 when the calling code runs in a fiber that is not the root and has no bypass in force: one thread-local read.
static inline int cfiber_in_fiber(void) { return cfiber_running && cfiber_running->bypass == 0; }
// A number for those who note who holds what: the calling fiber's, and never another's of the process, also when this one has
// ended. Above all numbers of threads, which have 22 bits, and a multiple of 4. To be called in a fiber.
#define GREEN_FIRST_IDENTITY ((uintptr_t)1 << 26)
static inline uintptr_t cfiber_identity(void) { return ((uintptr_t)cfiber_running->id << 2) + GREEN_FIRST_IDENTITY; }
// The fiber's id by that number; 0 where it is none's.
static inline uint64_t cfiber_id_of(uintptr_t identity) {
  return identity < GREEN_FIRST_IDENTITY ? 0 : (identity - GREEN_FIRST_IDENTITY) >> 2;
}
// The id of the fiber made last, in any thread.
uint64_t cfiber_last_id(void) __attribute__((visibility("hidden")));
// The running fiber's counter; NULL on a thread that was never attached. Also for signal handlers.
static inline unsigned *cfiber_bypass(void) { return cfiber_running ? &cfiber_running->bypass : NULL; }

// From the first to the second the calling fiber has the thread's values of all keys of pthread_getspecific(3p), also of those
// that are per fiber: for calls of a library that never wait, so that what it keeps for each thread is not made for each
// fiber. They nest. Nothing may park between them; a lock that another thread holds is waited for by the thread.
static inline void cfiber_borrow_keys(void) { if (cfiber_running) cfiber_running->keys_borrowed++; }
static inline void cfiber_return_keys(void) { if (cfiber_running) cfiber_running->keys_borrowed--; }
static inline int cfiber_has_borrowed_keys(void) { return cfiber_running && cfiber_running->keys_borrowed != 0; }

// A clock that costs a few cycles, in ticks of unknown length: for "has it been long?", not for the time.
static inline uint64_t cfiber_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
#endif
}

// Leaves the running fiber and goes on in `to`, a fiber of the same thread. Returns when something switches back.
// errno, the registered thread-local words and the locale of cfiber_use_locale belong to the fiber. The rounding mode and the
// other floating point controls (mxcsr, x87, fpcr) belong to the thread: whoever changes them puts them back before it waits.
void cfiber_switch(cfiber_fiber *to);
// The same, with the exchange of stacks in the caller's own code. The processor predicts returns from the calls that it
// has seen; a switch that is called and left by a jump leaves one call too many there, and every return of the fiber
// that goes on is predicted wrongly, up to its first frame. In line there is none too many, and fibers that park in
// the same place return right.
static inline void cfiber_switch_inline(cfiber_fiber *to);
// Says where the running fiber goes on when its entry has returned: a last switch whose calls have all returned.
void cfiber_return_to(cfiber_fiber *to);
// The last switch of a fiber: never returns. The fiber may be recycled once `to` runs.
void cfiber_finish(cfiber_fiber *to) __attribute__((noreturn));
// The bare exchange of stacks, without errno, words or sanitizers: what the benchmarks measure.
void cfiber_switch_bare(cfiber_fiber *from, cfiber_fiber *to);

// The part of cfiber_switch_inline that comes before the exchange. NULL when there is nothing to exchange any more.
cfiber_fiber *cfiber_leave(cfiber_fiber *to);
__attribute__((always_inline)) static inline void cfiber_switch_inline(cfiber_fiber *to) {
#if defined(__x86_64__) && !defined(GREEN_UCONTEXT)
  cfiber_fiber *from = cfiber_leave(to);
  if (!from) return;
  // The frame of cfiber_switch_bare, see there; the return address is the end of this. It lies below the red zone.
  __asm__ volatile(
      "leaq -128(%%rsp), %%rsp\n\t"
      "leaq 1f(%%rip), %%rax\n\t"
      "pushq %%rax\n\t"
      "pushq %%rbp\n\t"
      "pushq %%rbx\n\t"
      "pushq %%r12\n\t"
      "pushq %%r13\n\t"
      "pushq %%r14\n\t"
      "pushq %%r15\n\t"
      "movq %%rsp, (%0)\n\t"
      "movq (%1), %%rsp\n\t"
      "popq %%r15\n\t"
      "popq %%r14\n\t"
      "popq %%r13\n\t"
      "popq %%r12\n\t"
      "popq %%rbx\n\t"
      "popq %%rbp\n\t"
      "popq %%rcx\n\t"
      "notrack jmp *%%rcx\n"
      "1:\n\t"
      "leaq 128(%%rsp), %%rsp"
      : "+D"(from), "+S"(to)
      :
      : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
        "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
#else
  cfiber_switch(to);
#endif
}

// Words of this thread's memory in which the Swift runtime keeps what belongs to a fiber. Each fiber sees its own values,
// zero at first. Addresses must stay valid while the thread is attached. 0; ENOSPC for more than GREEN_LOCAL_WORDS, and
// then nothing changes. Replaces words and hooks set before; call it from the root, before the first fiber.
int cfiber_thread_locals(void *const *addresses, int count);
// 1 when one of the calling fiber's words is set.
int cfiber_locals_in_use(void);
// The fall-back where the words are not known: `leave` is called with the fiber's two-word buffer before it is switched
// from, also for the last time; `enter` after it was switched to, but not the first time, when there is nothing to
// restore. Replaces words and hooks set before.
typedef void (*cfiber_local_hook)(char *state);
void cfiber_thread_local_hooks(cfiber_local_hook leave, cfiber_local_hook enter);

// From now on `count` machine words, which address() finds for the thread that calls it, belong to the fiber on every
// thread that runs fibers: there as soon as it follows libraries, on the calling one at once, where the running fiber keeps
// the values that are there. Each begins with zero. Words that are zero in a fiber that waits cost half a nanosecond a
// switch together. The address must be aligned and stay valid while the thread runs. Twice is as once. Those of C++
// (__cxa_get_globals, std::call_once) are registered by themselves. 0; EINVAL; ENOSPC beyond GREEN_KEPT_WORDS.
typedef void *(*cfiber_words_address)(void);
int cfiber_register_words(cfiber_words_address address, size_t count);
// To be called on each attached thread now and then, outside fibers: some 50 ns when no library has been opened and no
// words have been registered since.
void cfiber_thread_follow_libraries(void);

// Words of the thread's memory that are different in a fiber for the time of a call: between the two calls the fiber has them
// as it leaves them at a switch, and all others as they were at the first. Both in one frame of the running fiber; scopes
// nest, all of one fiber with the same words. The caller sets `words` and `count`.
#define GREEN_SCOPE_WORDS 6
typedef struct cfiber_word_scope {
  int count;
  int is_counted;
  uintptr_t *words[GREEN_SCOPE_WORDS], outside[GREEN_SCOPE_WORDS], inside[GREEN_SCOPE_WORDS];
} cfiber_word_scope;
void cfiber_scope_enter(cfiber_word_scope *scope);
void cfiber_scope_leave(cfiber_word_scope *scope);
// A thread-local variable of the calling thread, by the number of its library's block (dlpi_tls_modid) and its place there.
uintptr_t *cfiber_library_variable(size_t module, size_t offset);

// uselocale(3), which is `real`, for the calling fiber alone: while some fiber of a thread has a locale of its own, a switch
// looks whether it is between two. In the root, and where a fiber has a control block of its own, it is `real`.
void *cfiber_use_locale(void *(*real)(void *locale), void *locale);

// The calling thread's blocks of thread-local storage in which the Swift runtime may keep its state: those of the
// executable, of the runtime's libraries and of the library that holds CFiber. Returns how many were written.
typedef struct cfiber_thread_block {
  void *base;
  size_t size;
} cfiber_thread_block;
size_t cfiber_thread_blocks(cfiber_thread_block *blocks, size_t capacity);

// ---- Fibers that are whole threads --------------------------------------------------------------------------------

// A fiber may have a thread control block of its own: thread_local and pthread keys, C++'s exceptions under way, the
// locale of uselocale, errno and pthread_self() are then its own, and pthread_getattr_np tells the bounds of its stack.
// The rounding mode stays the thread's, and so does what the kernel keeps by the thread's number.
//
// Blocks come from a pool of the thread and go back to it with the values that were left in them, as a thread pool's
// threads keep theirs, unless cfiber_isolated_ends found something to destroy. Each is 8 KB.

// Why there can be no such fibers in this process, in a few words; NULL when there can. The first call finds out, and
// starts a thread for it.
const char *cfiber_isolation_refusal(void);
// For a fiber that has not started; recycling it puts the block back. 0; ENOSYS where it is refused; else why a thread
// could not be created, which is how a block is made.
int cfiber_isolate(cfiber_fiber *fiber);
// Makes sure that the calling thread has so many blocks to give: some 60 µs each. 0, or as cfiber_isolate.
int cfiber_isolation_prepare(size_t count);

// To be called in a fiber at its end, where it may still park: if it has a control block, runs the destructors of its
// thread_local variables and of its pthread keys, as at a thread's end. Where there was one to run, all variables of the
// block are then as a new thread has them. Elsewhere it does nothing.
void cfiber_isolated_ends(void);

// Within such a fiber each thread-local variable is the fiber's. The thread's own copy of one lies this far from it, where
// its model is initial-exec.
extern _Thread_local ptrdiff_t cfiber_block_shift __attribute__((tls_model("initial-exec"), visibility("hidden")));
#define GREEN_OF_THREAD(variable) (*(__typeof__(&(variable)))((char *)&(variable) + cfiber_block_shift))

// For calls that leave a note in the thread's control block that the kernel reads there: between the two the thread's own
// is loaded. Nothing may park meanwhile. Gives what cfiber_leave_thread is to be given.
void *cfiber_enter_thread(void);
void cfiber_leave_thread(void *loaded);
// To be called between them in the child of a fork that tells nobody (_Fork); fork is followed.
void cfiber_isolation_forked(void);

// ---- How deep stacks went -----------------------------------------------------------------------------------------

// A census of the fibers of one pool, by the place in the source that made them. Exact to the machine word, except for what
// a fiber reserved at the very end of its stack and left zero; memory that was swapped out counts as not used.
typedef struct cfiber_census cfiber_census;

typedef struct cfiber_census_entry {
  const char *file;          // NULL: places beyond the first few hundred, together
  uint32_t line;
  uint64_t count;            // fibers that ended
  uint64_t total;            // bytes of all their stacks, each as deep as it went
  size_t deepest;
} cfiber_census_entry;
#define GREEN_CENSUS_MOST 769

// Counts the fibers that are created from now on. Gives the memory of cached stacks back. NULL without memory.
cfiber_census *cfiber_census_create(cfiber_pool *pool);
void cfiber_census_destroy(cfiber_census *census);
// Of each fiber that has ended, before it is recycled. Some 2 µs: it looks at every page that is there.
void cfiber_census_add(cfiber_census *census, cfiber_fiber *fiber, const char *file, uint32_t line);
// Writes at most GREEN_CENSUS_MOST entries, and returns how many.
size_t cfiber_census_read(const cfiber_census *census, cfiber_census_entry *entries);

// ---- Looking at stacks --------------------------------------------------------------------------------------------

// The return addresses of a fiber of the calling thread, the innermost first: where it goes on, and who called that;
// for the running fiber, from the caller on. Returns how many there are, `capacity` at most.
//
// The unwind tables (.eh_frame) lead the way, so C code without frame pointers is seen too; with GREEN_UCONTEXT it is
// the frame pointers. Allocates nothing; about 200 ns a frame.
size_t cfiber_backtrace(cfiber_fiber *fiber, uintptr_t *addresses, size_t capacity);
// The same in a signal handler, for the code that the signal interrupted: `context` is the handler's third argument.
// Tables that are wrong at the interrupted instruction do no harm: a fault while they are followed ends the walk.
size_t cfiber_backtrace_interrupted(const void *context, uintptr_t *addresses, size_t capacity);

// "assembly" or "ucontext".
const char *cfiber_switch_name(void);

#ifdef __cplusplus
}
#endif
#include "CFiberPrefetch.h"

#endif
