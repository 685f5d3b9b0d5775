#ifndef CFIBER_CONTROL_BLOCK_H
#define CFIBER_CONTROL_BLOCK_H

// A thread control block for a fiber: what thread_local, pthread keys, errno and pthread_self() are found through.
//
// Each is made by pthread_create, of a thread that ends at once by the bare system call, which the C library does not
// notice. What is left is a block that glibc itself has set up, keeps in its list of threads and brings up to date when a
// library is opened, and no thread of the kernel's. (One that is put together by hand, with _dl_allocate_tls, is in no
// list: set*id then waits for ever, and thread-locals of libraries that come later read as zero.)

#include "internal.h"

#include <pthread.h>

#if defined(__x86_64__)
static inline char *cfiber_thread_pointer(void) {
  char *pointer;
  __asm__ volatile("movq %%fs:0, %0" : "=r"(pointer) : : "memory");
  return pointer;
}
// Needs FSGSBASE, see cfiber_control_block_find_layout.
static inline void cfiber_load_thread_pointer(char *pointer) {
  __asm__ volatile("wrfsbase %0" : : "r"(pointer) : "memory");
}
#define GREEN_CONTROL_BLOCKS 1
#elif defined(__aarch64__)
static inline char *cfiber_thread_pointer(void) {
  char *pointer;
  __asm__ volatile("mrs %0, tpidr_el0" : "=r"(pointer) : : "memory");
  return pointer;
}
static inline void cfiber_load_thread_pointer(char *pointer) {
  __asm__ volatile("msr tpidr_el0, %0" : : "r"(pointer) : "memory");
}
#define GREEN_CONTROL_BLOCKS 1
#else
static inline char *cfiber_thread_pointer(void) { return NULL; }
static inline void cfiber_load_thread_pointer(char *pointer) { (void)pointer; }
#endif

struct cfiber_control_block {
  char *pointer;               // what the thread pointer is while the block is loaded
  char *descriptor;            // pthread_self() then
  bool is_forgotten;           // by glibc, in a forked child: it is not used again
  pthread_t thread;
  void *memory;
  size_t size;
};

// ---- Where things lie: control_block_layout.c --------------------------------------------------------------------

// Of what the ABI does not say. In bytes; the first four from the start of struct pthread, the others from the thread
// pointer.
struct cfiber_control_layout {
  size_t tid, cancelhandling, stack, stack_size;
  ptrdiff_t descriptor;
  ptrdiff_t rseq;              // 0: the kernel or glibc has none
  ptrdiff_t malloc_words[2];   // the thread's cache and its arena
  int malloc_word_count;       // 0: the allocator is another
  // What runs at a thread's end. The list of C++'s destructors, from the thread pointer, and what calls them; 0: not known.
  ptrdiff_t destructors;
  void (*run_destructors)(void);
  // The keys of the process, each so many bytes, and what of one lies where. NULL: not known.
  const char *keys;
  size_t key_bytes, key_uses, key_destructor;
  uintptr_t inside_libc[2];    // some address of each of glibc's libraries that have variables
};
extern struct cfiber_control_layout cfiber_control_layout GREEN_HIDDEN;
// Why there can be no blocks in this process, in a few words; NULL when there can. Asked once.
const char *cfiber_control_block_find_layout(void) GREEN_HIDDEN;

// ---- Blocks: control_block.c -------------------------------------------------------------------------------------

// What a thread on its way to be a block finds out of itself.
struct cfiber_birth {
  struct cfiber_control_block *block;
  void (*look)(struct cfiber_birth *birth);
  const char *problem;
  // The first frame on the thread's stack.
  const void *frame;
};

// All of these are called with the thread's own block loaded, except for `abandon`.

// A block that belongs to nobody yet, or NULL with errno.
struct cfiber_control_block *cfiber_control_block_make(struct cfiber_birth *birth) GREEN_HIDDEN;
// For the calling thread from here on: its number, its part of malloc; and the bounds of the stack that it will run on.
void cfiber_control_block_adopt(struct cfiber_control_block *block, void *stack_low, size_t stack_size) GREEN_HIDDEN;
// What pthread_getattr_np is to say. Whichever block is loaded.
void cfiber_control_block_bound(struct cfiber_control_block *block, void *stack_low, size_t stack_size) GREEN_HIDDEN;
// For nobody: no signal is to be sent to it.
void cfiber_control_block_abandon(struct cfiber_control_block *block) GREEN_HIDDEN;
// Of one that belongs to nobody.
void cfiber_control_block_free(struct cfiber_control_block *block) GREEN_HIDDEN;

// ---- set*id(2): control_block_identity.c -------------------------------------------------------------------------

// False when the signal by which glibc changes the identity of every thread cannot be followed.
bool cfiber_control_follow_identity(void) GREEN_HIDDEN;

// ---- Fibers that have one: isolation.c ---------------------------------------------------------------------------

// CFiber's own variables in a block: which fiber runs there.
void cfiber_control_set_own_variables(struct cfiber_control_block *block, const struct cfiber_thread *thread,
                                     cfiber_fiber *fiber) GREEN_HIDDEN;
// The pointer of one of the calling thread's blocks for which `is_it`, or of the thread's own. For a signal handler.
char *cfiber_control_find(bool (*is_it)(const char *pointer)) GREEN_HIDDEN;
// As the thread is detached: frees what is free.
void cfiber_control_free_all(struct cfiber_thread *thread) GREEN_HIDDEN;

#endif
