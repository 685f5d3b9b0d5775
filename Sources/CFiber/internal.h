#ifndef CFIBER_INTERNAL_H
#define CFIBER_INTERNAL_H

// What the files of CFiber share with each other and with nobody else.

#include "include/CFiber.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>

// The assembly exists for two architectures; everywhere else, and on request, swapcontext serves.
#if !defined(GREEN_UCONTEXT) && !defined(__x86_64__) && !defined(__aarch64__)
#define GREEN_UCONTEXT 1
#endif

#define GREEN_HIDDEN __attribute__((visibility("hidden")))
// Between leaving and arriving, a sanitizer believes the one stack while the other is in use. Its checks are kept out.
#define ON_BOTH_STACKS __attribute__((no_sanitize("address", "thread")))
#define GREEN_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// ---- The switch: switch_x86_64.S and switch_aarch64.S with switch_assembly.c, or switch_ucontext.c ---------------

// Bytes of context that each fiber needs beside its control block.
extern const size_t cfiber_context_bytes GREEN_HIDDEN;
// Makes the first switch to `fiber` call cfiber_begin(fiber) on the stack that ends at `top`. `context` has room
// for cfiber_context_bytes.
void cfiber_context_prepare(cfiber_fiber *fiber, void *context, void *top) GREEN_HIDDEN;
// The same for a root, whose stack exists already.
void cfiber_context_adopt(cfiber_fiber *root, void *context) GREEN_HIDDEN;
// The first function on every fiber's stack. Returns when the fiber has ended, with the fiber to switch to, bare.
cfiber_fiber *cfiber_begin(cfiber_fiber *fiber) GREEN_HIDDEN;

// Where the fiber goes on and with which frame pointer, of one that does not run. False where that is not known.
bool cfiber_context_place(const cfiber_fiber *fiber, uintptr_t *address, uintptr_t *frame_pointer) GREEN_HIDDEN;

// ---- The thread: thread.c ----------------------------------------------------------------------------------------

struct cfiber_thread {
  cfiber_fiber *root;
  cfiber_fiber *previous;       // whom the running fiber took over from; kept only when `observed`
  cfiber_fiber *heir;           // who goes on when the running fiber's entry returns; NULL for the root
  int *errno_address;
  int number;                  // gettid(2) when it was attached
  bool observed;               // a sanitizer, a pair of hooks, a control block, a locale or a scope has a part in each switch
  int word_count;
  uintptr_t *words[GREEN_LOCAL_WORDS];
  cfiber_local_hook leave;
  cfiber_local_hook enter;
  void *(*use_locale)(void *); // the real one
  void *locale;                // of those fibers that have none, while one runs that has
  unsigned locale_count;       // fibers that have one
  unsigned scope_count;        // fibers in a scope
  // Where the registered words lie, in groups of four, and how many there are.
  uintptr_t **kept, **kept_end;
  unsigned kept_count, entries_known;
  uint64_t libraries_known;    // that had been opened when C++'s words were last looked for
  char *pointer;               // to its own control block
  cfiber_fiber **running;       // cfiber_running there
  // The control blocks that were made for it; those from blocks_taken on are free.
  struct cfiber_control_block **blocks;
  size_t block_count, block_room, blocks_taken;
  void *forking;               // what is loaded again after a fork
  void *signal_stack;          // the alternate signal stack, when it was cfiber_thread_attach that made it
  sigjmp_buf *guard;           // where a fault leads while memory is read on trust, see backtrace.c
};

// Unsafe 1. The initial-exec model makes reading this variable a plain load, also in a signal handler and in a shared
// library. It takes its 250 bytes or so from the static TLS block; a library loaded by dlopen takes them from the surplus
// that glibc keeps for that.
extern _Thread_local struct cfiber_thread cfiber_this_thread GREEN_HIDDEN __attribute__((tls_model("initial-exec")));
// The thread's own, also from a fiber with a control block of its own, whose copy has `observed` set and nothing else.
// Laundered: a compiler that knew where the pointer comes from could address what it points to by the block that is loaded,
// which may be another one by then.
__attribute__((always_inline)) static inline struct cfiber_thread *cfiber_own_thread(void) {
  struct cfiber_thread *thread = &GREEN_OF_THREAD(cfiber_this_thread);
  __asm__("" : "+r"(thread));
  return thread;
}
// Decides anew whether switches are observed.
void cfiber_thread_observe(struct cfiber_thread *thread) GREEN_HIDDEN;
// A switch between fibers with different locales: locale.c.
void cfiber_locale_exchange(struct cfiber_thread *thread, cfiber_fiber *from, const cfiber_fiber *to) GREEN_HIDDEN;
void cfiber_locale_drop(cfiber_fiber *fiber) GREEN_HIDDEN;
// A switch from or to a fiber in a scope: scope.c. NULL for one that is in none.
void cfiber_scope_exchange(cfiber_word_scope *from, cfiber_word_scope *to) GREEN_HIDDEN;
// Puts the fiber's control block back: isolation.c.
void cfiber_share(cfiber_fiber *fiber) GREEN_HIDDEN;

// ---- Registered words: words.c, language_words.c -----------------------------------------------------------------

// Where the first of so many words lies on the calling thread: as the function says; else where the library's
// thread-local variable is.
struct cfiber_words {
  cfiber_words_address function;
  size_t module, offset;
  size_t count;
};
// 0; EINVAL, ENOSPC. Does nothing where they are there already.
int cfiber_add_words(const struct cfiber_words *words) GREEN_HIDDEN;
bool cfiber_words_attach(struct cfiber_thread *thread) GREEN_HIDDEN;
// Adds the words of C++ of libraries that have been opened since the thread looked last.
void cfiber_find_language_words(struct cfiber_thread *thread) GREEN_HIDDEN;

// ---- Notes for sanitizers and Valgrind: notes.c ------------------------------------------------------------------

bool cfiber_notes_wanted(void) GREEN_HIDDEN;
void cfiber_note_leave(cfiber_fiber *from, cfiber_fiber *to, bool last) GREEN_HIDDEN;
void cfiber_note_arrive(cfiber_fiber *from, cfiber_fiber *to) GREEN_HIDDEN;
// ThreadSanitizer counts the calls of each fiber. So the function that says which fiber runs must be the one that
// exchanges the stacks: another would enter in one fiber and return in the other.
extern void __tsan_switch_to_fiber(void *fiber, unsigned flags) __attribute__((weak));
__attribute__((always_inline)) static inline void cfiber_note_switch(cfiber_fiber *to) {
  if (__tsan_switch_to_fiber) __tsan_switch_to_fiber(to->sanitizer_fiber, 0);
}
void cfiber_note_root(cfiber_fiber *root) GREEN_HIDDEN;
void cfiber_note_create(cfiber_fiber *fiber) GREEN_HIDDEN;
void cfiber_note_recycle(cfiber_fiber *fiber) GREEN_HIDDEN;
// All of a stack whose fiber has ended may be read and written.
void cfiber_note_open_stack(cfiber_fiber *fiber) GREEN_HIDDEN;
unsigned cfiber_note_map_stack(void *low, void *high) GREEN_HIDDEN;
void cfiber_note_unmap_stack(void *low, void *high, unsigned valgrind_stack) GREEN_HIDDEN;

// ---- Slabs of stacks: slab.c -------------------------------------------------------------------------------------

#define GREEN_SLAB_STACKS 64

// How one stack lies in its slab, from low to high: guard, `stack` usable bytes, crown. The crown holds the control
// block and a space below it where the first frames go, so that an idle fiber has one resident page.
struct cfiber_geometry {
  size_t page, guard, stack, crown, stride;
};

struct cfiber_slab {
  // Unsafe 2. A signal handler walks the slabs of all threads without a lock. So descriptors are never freed, only
  // used again; `base` is zero while one is not in use, and is set last and cleared first.
  struct cfiber_slab *registered_next;
  atomic_bool taken;
  _Atomic(uintptr_t) base;
  struct cfiber_geometry geometry;
  struct cfiber_slab *pool_next;
  unsigned number;             // in its pool
  unsigned ready;              // stacks that have their guard
  unsigned count;              // stacks that there is room for, GREEN_SLAB_STACKS at most
  bool is_big;                 // one stack, for calls and not for a fiber, see big_stack.c
  cfiber_fiber *_Atomic caller; // whose call runs on a big stack, NULL for a thread's
  unsigned valgrind_stacks[GREEN_SLAB_STACKS];
};

// False with EINVAL when the size cannot be had.
bool cfiber_geometry_for(size_t stack_size, struct cfiber_geometry *geometry) GREEN_HIDDEN;
// NULL or -1 with errno.
struct cfiber_slab *cfiber_slab_map(const struct cfiber_geometry *geometry, unsigned count) GREEN_HIDDEN;
int cfiber_slab_ready_next(struct cfiber_slab *slab) GREEN_HIDDEN;
void cfiber_slab_unmap(struct cfiber_slab *slab) GREEN_HIDDEN;

cfiber_fiber *cfiber_slab_fiber(const struct cfiber_slab *slab, unsigned index) GREEN_HIDDEN;
char *cfiber_slab_low(const struct cfiber_slab *slab, unsigned index) GREEN_HIDDEN;
char *cfiber_slab_high(const struct cfiber_slab *slab, unsigned index) GREEN_HIDDEN;
// The fiber in whose guard the address lies, or NULL. Safe in a signal handler.
cfiber_fiber *cfiber_guard_owner(uintptr_t address) GREEN_HIDDEN;
bool cfiber_guard_is_by_madvise(void) GREEN_HIDDEN;

// One sentence about a failed mapping, and which setting raises the limit that was reached.
void cfiber_explain(
    char *text, size_t room, int error, const struct cfiber_geometry *geometry, size_t mapped) GREEN_HIDDEN;

// ---- Stack overflow: overflow.c ----------------------------------------------------------------------------------

void cfiber_overflow_install(void) GREEN_HIDDEN;

#endif
