// Words that other libraries keep for each thread but that belong to a fiber: what the Swift runtime has, for each thread by
// itself (cfiber_thread_locals), and what was registered for all threads (cfiber_register_words).

#include "control_block.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// More than the variables of all libraries that a program starts with.
#define STATIC_LOCALS_BYTES (64 * 1024)

// ---- The Swift runtime's -----------------------------------------------------------------------------------------

int cfiber_thread_locals(void *const *addresses, int count) {
  struct cfiber_thread *thread = cfiber_own_thread();
  if (count > GREEN_LOCAL_WORDS || count < 0) return ENOSPC;
  thread->leave = NULL;
  thread->enter = NULL;
  cfiber_thread_observe(thread);
  for (int i = 0; i < count; i++) thread->words[i] = addresses[i];
  thread->word_count = count;
  return 0;
}

void cfiber_thread_local_hooks(cfiber_local_hook leave, cfiber_local_hook enter) {
  struct cfiber_thread *thread = cfiber_own_thread();
  thread->word_count = 0;  // both keep their state in the same place
  thread->leave = leave;
  thread->enter = enter;
  cfiber_thread_observe(thread);
}

// Whether the variable lies at the same distance from every thread pointer: below it on x86-64, above it on arm64.
static bool is_static(const struct cfiber_thread *thread, const char *variable) {
  ptrdiff_t distance = variable - thread->pointer;
#if defined(__aarch64__)
  return distance > 0 && distance < STATIC_LOCALS_BYTES;
#else
  return distance < 0 && -distance < STATIC_LOCALS_BYTES;
#endif
}

int cfiber_locals_in_use(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  uintptr_t all = 0;
  for (int i = 0; i < thread->word_count; i++) {
    // The fiber's own copy. One of a library that was loaded late lies elsewhere in each block: then there may be one.
    char *word = (char *)thread->words[i];
    if (cfiber_block_shift != 0 && !is_static(thread, word)) return 1;
    all |= *(uintptr_t *)(word - cfiber_block_shift);
  }
  return all != 0;
}

// ---- Registered for all threads ----------------------------------------------------------------------------------

// Entries are added and never removed, so that those below `entry_count` are read without the lock.
static struct cfiber_words entries[GREEN_KEPT_WORDS];
static _Atomic unsigned entry_count;
static size_t words_registered;
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t nothing;

static uintptr_t *address_of(const struct cfiber_words *entry) {
  return entry->function ? (uintptr_t *)entry->function() : cfiber_library_variable(entry->module, entry->offset);
}

// A thread asks for all of them anew: there are few, and an address never changes.
static void resolve(struct cfiber_thread *thread) {
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

static bool is_known(const struct cfiber_words *words, const uintptr_t *address) {
  unsigned count = atomic_load_explicit(&entry_count, memory_order_acquire);
  for (unsigned i = 0; i < count; i++) {
    if (words->function != NULL && entries[i].function == words->function) return true;
    if (address_of(&entries[i]) == address) return true;
  }
  return false;
}

static int add(const struct cfiber_words *words) {
  unsigned count = atomic_load_explicit(&entry_count, memory_order_relaxed);
  if (words->count > GREEN_KEPT_WORDS - words_registered) return ENOSPC;
  entries[count] = *words;
  words_registered += words->count;
  atomic_store_explicit(&entry_count, count + 1, memory_order_release);
  return 0;
}

int cfiber_add_words(const struct cfiber_words *words) {
  const uintptr_t *address = address_of(words);
  if (!address || (uintptr_t)address % sizeof(uintptr_t) != 0) return EINVAL;
  unsigned none = 0, *bypass = cfiber_running ? cfiber_bypass() : &none;
  ++*bypass;
  pthread_mutex_lock(&registering);
  int error = is_known(words, address) ? 0 : add(words);
  pthread_mutex_unlock(&registering);
  --*bypass;
  return error;
}

int cfiber_register_words(cfiber_words_address address, size_t count) {
  if (!address || count == 0) return EINVAL;
  // A fiber may have a copy of its own.
  void *loaded = cfiber_enter_thread();
  int error = cfiber_add_words(&(struct cfiber_words){.function = address, .count = count});
  struct cfiber_thread *thread = cfiber_own_thread();
  if (thread->root) resolve(thread);
  cfiber_leave_thread(loaded);
  return error;
}

bool cfiber_words_attach(struct cfiber_thread *thread) {
  thread->kept = calloc(GREEN_KEPT_WORDS, sizeof(*thread->kept));
  if (!thread->kept) return false;
  cfiber_find_language_words(thread);
  resolve(thread);
  return true;
}

void cfiber_thread_follow_libraries(void) {
  struct cfiber_thread *thread = cfiber_own_thread();
  cfiber_find_language_words(thread);
  if (thread->entries_known != atomic_load_explicit(&entry_count, memory_order_acquire)) resolve(thread);
}
