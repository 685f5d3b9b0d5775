// Making thread control blocks, and giving them to one thread after another. See control_block.h.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "control_block.h"

#ifdef GREEN_CONTROL_BLOCKS

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Beside the least that a stack may have, for what a thread does before its first statement. glibc puts the program's
// variables of threads there too, and refuses a stack that has no room for them: then it is doubled, for all that follow.
#define ROOM_TO_BE_BORN 32768
#define MOST_ROOM_TO_BE_BORN (64 << 20)
static _Atomic size_t room_to_be_born = ROOM_TO_BE_BORN;
// In struct rseq (linux/rseq.h): "not registered".
#define RSEQ_CPU_ID 4
#define RSEQ_UNREGISTERED (-2)

#define at cfiber_control_layout

static void put(char *base, ptrdiff_t offset, const void *word) { memcpy(base + offset, &word, sizeof word); }
static int *tid_of(struct cfiber_control_block *block) { return (int *)((char *)block->thread + at.tid); }

// Never returns and unwinds nothing: glibc is not to know that the thread has ended.
__attribute__((noreturn)) static void *be_born(void *argument) {
  struct cfiber_birth *birth = argument;
  birth->block->pointer = cfiber_thread_pointer();
  birth->block->descriptor = (char *)pthread_self();
  birth->frame = __builtin_frame_address(0);
  if (birth->look) birth->look(birth);
  for (;;) syscall(SYS_exit, 0);
}

static int start_thread(struct cfiber_birth *birth) {
  struct cfiber_control_block *block = birth->block;
  // No handler is to run in it.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, block->memory, block->size);
  int error = pthread_create(&block->thread, &attributes, be_born, birth);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

// The kernel writes zero where the number was, and wakes whoever waits there.
static void await_end(struct cfiber_control_block *block) {
  int *tid = tid_of(block), now;
  while ((now = __atomic_load_n(tid, __ATOMIC_ACQUIRE)) != 0) syscall(SYS_futex, tid, FUTEX_WAIT, now, NULL, NULL, 0);
}

// What is above the thread's first frame stays: glibc's struct pthread, and the variables.
static void give_stack_back(struct cfiber_control_block *block, const void *frame, size_t page) {
  uintptr_t end = (uintptr_t)frame & ~(uintptr_t)(page - 1);
  if (end > (uintptr_t)block->memory) madvise(block->memory, end - (uintptr_t)block->memory, MADV_DONTNEED);
}

struct cfiber_control_block *cfiber_control_block_make(struct cfiber_birth *birth) {
  struct cfiber_control_block *block = calloc(1, sizeof *block);
  if (!block) return NULL;
  birth->block = block;
  size_t page = (size_t)sysconf(_SC_PAGESIZE), room = atomic_load(&room_to_be_born);
  block->size = ((size_t)sysconf(_SC_THREAD_STACK_MIN) + room + page - 1) & ~(page - 1);
  block->memory = mmap(NULL, block->size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (block->memory == MAP_FAILED) {
    free(block);
    errno = ENOMEM;
    return NULL;
  }
  int error = start_thread(birth);
  if (error != 0) {
    munmap(block->memory, block->size);
    free(block);
    if (error == EINVAL && room < MOST_ROOM_TO_BE_BORN) {
      atomic_store(&room_to_be_born, 2 * room);
      return cfiber_control_block_make(birth);
    }
    errno = error;
    return NULL;
  }
  await_end(block);
  // sched_getcpu then asks the kernel, which has forgotten where it was to write the answer.
  if (at.rseq) memcpy(block->pointer + at.rseq + RSEQ_CPU_ID, &(int){RSEQ_UNREGISTERED}, sizeof(int));
  give_stack_back(block, birth->frame, page);
  return block;
}

void cfiber_control_block_adopt(struct cfiber_control_block *block, void *stack_low, size_t stack_size) {
  char *own = cfiber_thread_pointer();
  int tid = __atomic_load_n((int *)(own + at.descriptor + at.tid), __ATOMIC_RELAXED);
  __atomic_store_n(tid_of(block), tid, __ATOMIC_RELAXED);
  // One cache of malloc's for all blocks of a thread, else each has an arena: nothing of malloc's is under way at a
  // switch.
  for (int i = 0; i < at.malloc_word_count; i++) {
    memcpy(block->pointer + at.malloc_words[i], own + at.malloc_words[i], sizeof(void *));
  }
  cfiber_control_block_bound(block, stack_low, stack_size);
}

void cfiber_control_block_bound(struct cfiber_control_block *block, void *stack_low, size_t stack_size) {
  put(block->descriptor, (ptrdiff_t)at.stack, stack_low);
  put(block->descriptor, (ptrdiff_t)at.stack_size, (void *)stack_size);
}

void cfiber_control_block_abandon(struct cfiber_control_block *block) {
  __atomic_store_n(tid_of(block), 0, __ATOMIC_RELAXED);
}

void cfiber_control_block_free(struct cfiber_control_block *block) {
  cfiber_control_block_abandon(block);
  // What glibc would free with the thread must be the block's own.
  for (int i = 0; i < at.malloc_word_count; i++) put(block->pointer, at.malloc_words[i], NULL);
  cfiber_control_block_bound(block, block->memory, block->size);
  pthread_join(block->thread, NULL);
  munmap(block->memory, block->size);
  free(block);
}

#endif
