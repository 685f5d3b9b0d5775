// Words that other libraries keep for each thread but that belong to a fiber: what the Swift runtime has, for each thread by
// itself (green_thread_locals), and what was registered for all threads (green_register_words).

#include "control_block.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// More than the variables of all libraries that a program starts with.
#define STATIC_LOCALS_BYTES (64 * 1024)

// ---- The Swift runtime's -----------------------------------------------------------------------------------------

int green_thread_locals(void *const *addresses, int count) {
  struct green_thread *thread = green_own_thread();
  if (count > GREEN_LOCAL_WORDS || count < 0) return ENOSPC;
  thread->leave = NULL;
  thread->enter = NULL;
  green_thread_observe(thread);
  for (int i = 0; i < count; i++) thread->words[i] = addresses[i];
  thread->word_count = count;
  return 0;
}

void green_thread_local_hooks(green_local_hook leave, green_local_hook enter) {
  struct green_thread *thread = green_own_thread();
  thread->word_count = 0;  // both keep their state in the same place
  thread->leave = leave;
  thread->enter = enter;
  green_thread_observe(thread);
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

// ---- Registered for all threads ----------------------------------------------------------------------------------

// Entries are added and never removed, so that those below `entry_count` are read without the lock.
static struct green_words entries[GREEN_KEPT_WORDS];
static _Atomic unsigned entry_count;
static size_t words_registered;
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t nothing;

static uintptr_t *address_of(const struct green_words *entry) {
  return entry->function ? (uintptr_t *)entry->function() : green_library_variable(entry->module, entry->offset);
}

// A thread asks for all of them anew: there are few, and an address never changes.
static void resolve(struct green_thread *thread) {
  unsigned count = atomic_load_explicit(&entry_count, memory_order_acquire), words = 0;
  for (unsigned i = 0; i < count; i++) {
    uintptr_t *first = address_of(&entries[i]);
    for (size_t word = 0; word < entries[i].count; word++) thread->kept[words++] = first ? first + word : &nothing;
  }
  thread->kept_count = words;
  // The switch looks at four at a time.
  while (words % 4 != 0) thread->kept[words++] = &nothing;
  thread->kept_end = thread->kept + words;
  thread->entries_known = count;
}

static bool is_known(const struct green_words *words, const uintptr_t *address) {
  unsigned count = atomic_load_explicit(&entry_count, memory_order_acquire);
  for (unsigned i = 0; i < count; i++) {
    if (words->function != NULL && entries[i].function == words->function) return true;
    if (address_of(&entries[i]) == address) return true;
  }
  return false;
}

static int add(const struct green_words *words) {
  unsigned count = atomic_load_explicit(&entry_count, memory_order_relaxed);
  if (words->count > GREEN_KEPT_WORDS - words_registered) return ENOSPC;
  entries[count] = *words;
  words_registered += words->count;
  atomic_store_explicit(&entry_count, count + 1, memory_order_release);
  return 0;
}

int green_add_words(const struct green_words *words) {
  const uintptr_t *address = address_of(words);
  if (!address || (uintptr_t)address % sizeof(uintptr_t) != 0) return EINVAL;
  unsigned none = 0, *bypass = green_running ? green_bypass() : &none;
  ++*bypass;
  pthread_mutex_lock(&registering);
  int error = is_known(words, address) ? 0 : add(words);
  pthread_mutex_unlock(&registering);
  --*bypass;
  return error;
}

int green_register_words(green_words_address address, size_t count) {
  if (!address || count == 0) return EINVAL;
  // A fiber may have a copy of its own.
  void *loaded = green_enter_thread();
  int error = green_add_words(&(struct green_words){.function = address, .count = count});
  struct green_thread *thread = green_own_thread();
  if (thread->root) resolve(thread);
  green_leave_thread(loaded);
  return error;
}

bool green_words_attach(struct green_thread *thread) {
  thread->kept = calloc(GREEN_KEPT_WORDS, sizeof(*thread->kept));
  if (!thread->kept) return false;
  green_find_language_words(thread);
  resolve(thread);
  return true;
}

void green_thread_follow_libraries(void) {
  struct green_thread *thread = green_own_thread();
  green_find_language_words(thread);
  if (thread->entries_known != atomic_load_explicit(&entry_count, memory_order_acquire)) resolve(thread);
}
