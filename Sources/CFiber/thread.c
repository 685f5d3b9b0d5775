// What a thread needs to run fibers, and what it knows of the one that runs.

#include "control_block.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local cfiber_fiber *cfiber_running __attribute__((tls_model("initial-exec")));
_Thread_local struct cfiber_thread cfiber_this_thread __attribute__((tls_model("initial-exec")));

// Enough for the report of an overflow and for a handler that ours hands on to. Only what is used becomes resident.
#define SIGNAL_STACK_BYTES (128 * 1024)

// A handler cannot run on the stack that has just overflowed. `added` is NULL where the thread has a stack for it already.
// False with errno where it has none and gets none: an overflow would end the process without a word.
static bool add_signal_stack(void **added) {
  *added = NULL;
  stack_t present;
  if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return true;
  void *memory = mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return false;
  stack_t ours = {.ss_sp = memory, .ss_size = SIGNAL_STACK_BYTES};
  if (sigaltstack(&ours, NULL) == 0) {
    *added = memory;
    return true;
  }
  munmap(memory, SIGNAL_STACK_BYTES);
  return false;
}

static void remove_signal_stack(void *memory) {
  if (!memory) return;
  stack_t present, none = {.ss_flags = SS_DISABLE};
  // Someone may have put another in its place since.
  if (sigaltstack(NULL, &present) == 0 && present.ss_sp == memory && sigaltstack(&none, NULL) != 0) return;
  munmap(memory, SIGNAL_STACK_BYTES);
}

void cfiber_thread_observe(struct cfiber_thread *thread) {
  thread->observed = thread->leave || thread->enter || thread->blocks_taken > 0 || thread->locale_count > 0
    || thread->scope_count > 0 || cfiber_notes_wanted();
}

cfiber_fiber *cfiber_thread_attach(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  if (thread->root) return thread->root;

  size_t control = (sizeof(cfiber_fiber) + 63) & ~(size_t)63;
  size_t bytes = control + cfiber_context_bytes;
  cfiber_fiber *root = aligned_alloc(64, bytes);
  if (!root) return NULL;
  memset(root, 0, bytes);
  if (!add_signal_stack(&thread->signal_stack)) {
    free(root);
    return NULL;
  }
  if (!cfiber_words_attach(thread)) {
    remove_signal_stack(thread->signal_stack);
    free(root);
    return NULL;
  }
  root->bypass = 1;  // for good: so cfiber_in_fiber needs to look at nothing else
  cfiber_context_adopt(root, (char *)root + control);
  cfiber_note_root(root);

  thread->errno_address = &errno;
  thread->number = (int)syscall(SYS_gettid);
  cfiber_thread_observe(thread);
  thread->root = root;
  thread->pointer = cfiber_thread_pointer();
  thread->running = &cfiber_running;
  cfiber_running = root;
  cfiber_overflow_install();
  return root;
}

void cfiber_thread_detach(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  if (!thread->root || cfiber_running != thread->root) return;
  remove_signal_stack(thread->signal_stack);
  cfiber_control_free_all(thread);
  free(thread->kept);
  free(thread->root);
  memset(thread, 0, sizeof *thread);
  cfiber_running = NULL;
}

cfiber_fiber *cfiber_thread_root(void) { return cfiber_own_thread()->root; }

void **cfiber_thread_word(void) {
  static _Thread_local void *word __attribute__((tls_model("initial-exec")));
  return &GREEN_OF_THREAD(word);
}
