// Fibers that have thread control blocks of their own: the thread's pool of blocks, and fork(2).
//
// A block is taken before the fiber first runs and put back when it is recycled, never in between: nothing that a
// compiler has kept of the thread pointer can then be wrong, and what is thread-local begins with the fiber.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "control_block.h"

#include <CFork.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Thread_local ptrdiff_t cfiber_block_shift __attribute__((tls_model("initial-exec")));

const char *cfiber_isolation_refusal(void) { return cfiber_control_block_find_layout(); }

#ifdef GREEN_CONTROL_BLOCKS

// ---- CFiber's own variables in a block ---------------------------------------------------------------------------

// How far each lies from the thread pointer: the same in all blocks, since the model is initial-exec. Not inlined, or a
// compiler could use them across a load.
__attribute__((noinline)) static ptrdiff_t offset_of_running(void) {
  return (char *)&cfiber_running - cfiber_thread_pointer();
}
__attribute__((noinline)) static ptrdiff_t offset_of_shift(void) {
  return (char *)&cfiber_block_shift - cfiber_thread_pointer();
}
__attribute__((noinline)) static ptrdiff_t offset_of_thread(void) {
  return (char *)&cfiber_this_thread - cfiber_thread_pointer();
}

void cfiber_control_set_own_variables(struct cfiber_control_block *block, const struct cfiber_thread *thread,
                                     cfiber_fiber *fiber) {
  *(cfiber_fiber **)(block->pointer + offset_of_running()) = fiber;
  *(ptrdiff_t *)(block->pointer + offset_of_shift()) = thread->pointer - block->pointer;
  // Its switches must look at the thread's.
  ((struct cfiber_thread *)(block->pointer + offset_of_thread()))->observed = true;
}

// ---- The pool ----------------------------------------------------------------------------------------------------

// Room for one more, which a signal handler never sees half done.
static bool make_room(struct cfiber_thread *thread) {
  if (thread->block_count < thread->block_room) return true;
  size_t room = thread->block_room * 2 + 16;
  struct cfiber_control_block **blocks = malloc(room * sizeof(*blocks)), **before = thread->blocks;
  if (!blocks) return false;
  if (before) memcpy(blocks, before, thread->block_count * sizeof(*blocks));
  thread->blocks = blocks;
  thread->block_room = room;
  free(before);
  return true;
}

// Free ones lie after those in use.
static bool add_block(struct cfiber_thread *thread) {
  if (!make_room(thread)) return false;
  free(malloc(1));  // from here on the thread has a cache to share
  struct cfiber_birth birth = {.look = NULL};
  struct cfiber_control_block *block = cfiber_control_block_make(&birth);
  if (!block) return false;
  thread->blocks[thread->block_count++] = block;
  return true;
}

static int add_blocks(struct cfiber_thread *thread, size_t free_count) {
  // Its calls are the library's own, not the fiber's.
  unsigned *bypass = cfiber_bypass();
  ++*bypass;
  int error = 0;
  while (error == 0 && thread->block_count - thread->blocks_taken < free_count) {
    if (!add_block(thread)) error = errno;
  }
  --*bypass;
  return error;
}

__attribute__((noinline)) int cfiber_isolation_prepare(size_t count) {
  struct cfiber_thread *thread = cfiber_own_thread();
  if (!thread->root) return EINVAL;
  if (cfiber_isolation_refusal()) return ENOSYS;
  char *loaded = cfiber_thread_pointer();
  cfiber_load_thread_pointer(thread->pointer);
  int error = add_blocks(thread, count);
  cfiber_load_thread_pointer(loaded);
  return error;
}

__attribute__((noinline)) int cfiber_isolate(cfiber_fiber *fiber) {
  struct cfiber_thread *thread = cfiber_own_thread();
  int error = cfiber_isolation_prepare(1);
  if (error != 0) return error;
  struct cfiber_control_block *block = thread->blocks[thread->blocks_taken++];
  // What a block is given is the thread's, so the thread's is loaded meanwhile.
  char *loaded = cfiber_thread_pointer();
  cfiber_load_thread_pointer(thread->pointer);
  cfiber_control_block_adopt(block, fiber->stack_low, fiber->stack_size);
  cfiber_load_thread_pointer(loaded);
  cfiber_control_set_own_variables(block, thread, fiber);
  fiber->control_block = block;
  cfiber_thread_observe(thread);
  return 0;
}

static size_t index_of(const struct cfiber_thread *thread, const struct cfiber_control_block *block) {
  size_t i = 0;
  while (thread->blocks[i] != block) i++;
  return i;
}

void cfiber_share(cfiber_fiber *fiber) {
  struct cfiber_thread *thread = cfiber_own_thread();
  struct cfiber_control_block *block = fiber->control_block;
  fiber->control_block = NULL;
  cfiber_control_block_abandon(block);
  size_t i = index_of(thread, block), last = --thread->blocks_taken;
  thread->blocks[i] = thread->blocks[last];
  thread->blocks[last] = block;
  if (block->is_forgotten) thread->blocks[last] = thread->blocks[--thread->block_count];
  cfiber_thread_observe(thread);
}

char *cfiber_control_find(bool (*is_it)(const char *pointer)) {
  struct cfiber_thread *thread = cfiber_own_thread();
  char *own = cfiber_thread_pointer() + cfiber_block_shift;
  for (size_t i = 0; !is_it(own) && i < thread->block_count; i++) {
    if (is_it(thread->blocks[i]->pointer)) return thread->blocks[i]->pointer;
  }
  return own;
}

void cfiber_control_free_all(struct cfiber_thread *thread) {
  // Those of fibers that cannot end stay.
  for (size_t i = thread->blocks_taken; i < thread->block_count; i++) {
    if (!thread->blocks[i]->is_forgotten) cfiber_control_block_free(thread->blocks[i]);
  }
  if (thread->blocks_taken == 0) free(thread->blocks);
}

// ---- The thread's own block --------------------------------------------------------------------------------------

__attribute__((noinline)) void *cfiber_enter_thread(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  char *loaded = cfiber_thread_pointer();
  if (!thread->pointer || loaded == thread->pointer) return NULL;
  cfiber_load_thread_pointer(thread->pointer);
  return loaded;
}

__attribute__((noinline)) void cfiber_leave_thread(void *loaded) {
  if (loaded) cfiber_load_thread_pointer(loaded);
}

// fork(3) notes in the block that is loaded who goes on in the child, and drops all others from its lists.
static void before_fork(void) { cfiber_own_thread()->forking = cfiber_enter_thread(); }

static void after_fork_in_parent(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  cfiber_leave_thread(thread->forking);
  thread->forking = NULL;
}

void cfiber_isolation_forked(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  thread->block_count = thread->blocks_taken;
  for (size_t i = 0; i < thread->block_count; i++) {
    struct cfiber_control_block *block = thread->blocks[i];
    block->is_forgotten = true;
    cfiber_fiber *fiber = *(cfiber_fiber **)(block->pointer + offset_of_running());
    cfiber_control_block_adopt(block, fiber->stack_low, fiber->stack_size);
  }
}

static void after_fork_in_child(void) {
  cfiber_isolation_forked();
  after_fork_in_parent();
}

// A child that fork(3) does not tell of is followed by who makes it: the block must be loaded there before its first call.
__attribute__((constructor)) static void set_fork_handlers(void) {
  cfork_set(CFORK_CONTROL_BLOCK, (cfork_handlers){before_fork, after_fork_in_parent, after_fork_in_child, NULL});
}

#else

int cfiber_isolation_prepare(size_t count) { return (void)count, ENOSYS; }
int cfiber_isolate(cfiber_fiber *fiber) { return (void)fiber, ENOSYS; }
void cfiber_share(cfiber_fiber *fiber) { (void)fiber; }
void cfiber_control_free_all(struct cfiber_thread *thread) { (void)thread; }
void *cfiber_enter_thread(void) { return NULL; }
void cfiber_leave_thread(void *loaded) { (void)loaded; }
void cfiber_isolation_forked(void) {}

#endif
