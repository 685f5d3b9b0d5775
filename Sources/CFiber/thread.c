// What a thread needs to run fibers, and what it knows of the one that runs.

#include "control_block.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

_Thread_local green_fiber *green_running __attribute__((tls_model("initial-exec")));
_Thread_local struct green_thread green_this_thread __attribute__((tls_model("initial-exec")));

// Enough for the report of an overflow and for a handler that ours hands on to. Only what is used becomes resident.
#define SIGNAL_STACK_BYTES (128 * 1024)
// More than the variables of all libraries that a program starts with.
#define STATIC_LOCALS_BYTES (64 * 1024)

// A handler cannot run on the stack that has just overflowed.
static void *add_signal_stack(void) {
  stack_t present;
  if (sigaltstack(NULL, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return NULL;
  void *memory = mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  stack_t added = {.ss_sp = memory, .ss_size = SIGNAL_STACK_BYTES};
  if (sigaltstack(&added, NULL) == 0) return memory;
  munmap(memory, SIGNAL_STACK_BYTES);
  return NULL;
}

static void remove_signal_stack(void *memory) {
  if (!memory) return;
  stack_t present, none = {.ss_flags = SS_DISABLE};
  // Someone may have put another in its place since.
  if (sigaltstack(NULL, &present) == 0 && present.ss_sp == memory && sigaltstack(&none, NULL) != 0) return;
  munmap(memory, SIGNAL_STACK_BYTES);
}

void green_thread_observe(struct green_thread *thread) {
  thread->observed = thread->leave || thread->enter || thread->blocks_taken > 0 || green_notes_wanted();
}

green_fiber *green_thread_attach(void) {
  struct green_thread *thread = green_own_thread();
  if (thread->root) return thread->root;

  size_t control = (sizeof(green_fiber) + 63) & ~(size_t)63;
  size_t bytes = control + green_context_bytes;
  green_fiber *root = aligned_alloc(64, bytes);
  if (!root) return NULL;
  memset(root, 0, bytes);
  root->bypass = 1;  // for good: so green_in_fiber needs to look at nothing else
  green_context_adopt(root, (char *)root + control);
  green_note_root(root);

  thread->errno_address = &errno;
  green_thread_observe(thread);
  thread->root = root;
  thread->pointer = green_thread_pointer();
  thread->running = &green_running;
  green_running = root;
  thread->signal_stack = add_signal_stack();
  green_overflow_install();
  return root;
}

void green_thread_detach(void) {
  struct green_thread *thread = green_own_thread();
  if (!thread->root || green_running != thread->root) return;
  remove_signal_stack(thread->signal_stack);
  green_control_free_all(thread);
  free(thread->root);
  memset(thread, 0, sizeof *thread);
  green_running = NULL;
}

green_fiber *green_thread_root(void) { return green_own_thread()->root; }

void **green_thread_word(void) {
  static _Thread_local void *word __attribute__((tls_model("initial-exec")));
  return &GREEN_OF_THREAD(word);
}

void green_thread_locals(void *const *addresses, int count) {
  struct green_thread *thread = green_own_thread();
  if (count > GREEN_LOCAL_WORDS) count = GREEN_LOCAL_WORDS;
  if (count < 0) count = 0;
  thread->leave = NULL;
  thread->enter = NULL;
  green_thread_observe(thread);
  for (int i = 0; i < count; i++) thread->words[i] = addresses[i];
  thread->word_count = count;
}

// Whether the variable lies at the same distance from every thread pointer: below it on x86-64, above it on arm64.
static bool is_static(const struct green_thread *thread, const char *variable) {
  ptrdiff_t distance = variable - thread->pointer;
#if defined(__aarch64__)
  return distance > 0 && distance < STATIC_LOCALS_BYTES;
#else
  return distance < 0 && -distance < STATIC_LOCALS_BYTES;
#endif
}

int green_locals_in_use(void) {
  struct green_thread *thread = green_own_thread();
  uintptr_t all = 0;
  for (int i = 0; i < thread->word_count; i++) {
    // The fiber's own copy. One of a library that was loaded late lies elsewhere in each block: then there may be one.
    char *word = (char *)thread->words[i];
    if (green_block_shift != 0 && !is_static(thread, word)) return 1;
    all |= *(uintptr_t *)(word - green_block_shift);
  }
  return all != 0;
}

void green_thread_local_hooks(green_local_hook leave, green_local_hook enter) {
  struct green_thread *thread = green_own_thread();
  thread->word_count = 0;  // both keep their state in the same place
  thread->leave = leave;
  thread->enter = enter;
  green_thread_observe(thread);
}
