// What must be known of libdispatch's queues and is not told: what a queue targets, which are concurrent, and where a thread
// notes the queue that it is on. Each is found by trying, once, with queues made for it.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "dispatch.h"

#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// The first words of a queue: its class, its counts of references, a link, its target (inc/object_internal.h).
#define HEADER_WORDS 6
#define MOST_LOCALS (64 * 1024)
#define MOST_TARGETS 64

static struct {
  size_t target;              // index of the word; 0 where it was not found
  uintptr_t concurrent, root; // the classes
  size_t module;
  size_t offsets[GREEN_SCOPE_WORDS];
  ptrdiff_t distances[GREEN_SCOPE_WORDS]; // from `anchor`, where they are the same in all threads
  int word_count;
  bool are_static;
} found;
static OF_THREAD char anchor;
static _Atomic bool is_ready;
static pthread_mutex_t finding = PTHREAD_MUTEX_INITIALIZER;

static uintptr_t word_of(const void *queue, size_t index) { return ((const uintptr_t *)queue)[index]; }

static void find_classes(void) {
  void *target = dispatch_queue_create("greenfinch.target", NULL), *queue = dispatch_queue_create("greenfinch", NULL);
  void *concurrent = dispatch_queue_create("greenfinch.concurrent", _dispatch_queue_attr_concurrent);
  if (queue == NULL || target == NULL || concurrent == NULL) return;
  found.concurrent = word_of(concurrent, 0);
  found.root = word_of(dispatch_get_global_queue(0, 0), 0);
  dispatch_set_target_queue(queue, target);
  for (size_t i = 1; i < HEADER_WORDS; i++) {
    if (word_of(queue, i) == (uintptr_t)target) found.target = i;
  }
  dispatch_release(queue);
  dispatch_release(target);
  dispatch_release(concurrent);
}

// ---- The words ---------------------------------------------------------------------------------------------------

struct block {
  uintptr_t code;
  size_t module, words;
  const uintptr_t *base;
  uintptr_t *copy;
};

// The thread-local block of the library in which libdispatch's code lies.
static int find_block(struct dl_phdr_info *library, size_t size, void *context) {
  struct block *block = context;
  (void)size;
  bool is_it = false;
  size_t bytes = 0;
  for (int i = 0; i < library->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &library->dlpi_phdr[i];
    if (part->p_type == PT_LOAD && block->code - library->dlpi_addr - part->p_vaddr < part->p_memsz) is_it = true;
    if (part->p_type == PT_TLS) bytes = part->p_memsz;
  }
  if (!is_it || library->dlpi_tls_data == NULL || bytes > MOST_LOCALS) return is_it;
  block->module = library->dlpi_tls_modid;
  block->base = library->dlpi_tls_data;
  block->words = bytes / sizeof(uintptr_t);
  return 1;
}

static void take_copy(void *context) {
  struct block *block = context;
  memcpy(block->copy, block->base, block->words * sizeof(uintptr_t));
}

// Those that differ inside from before and after, which are the same.
static void find_words(void) {
  struct block block = {.code = (uintptr_t)credirect_real_sync()};
  dl_iterate_phdr(find_block, &block);
  uintptr_t *before = calloc(block.words + 1, sizeof *before), *inside = calloc(block.words + 1, sizeof *inside);
  void *queue = dispatch_queue_create("greenfinch.words", NULL);
  if (before != NULL && inside != NULL && queue != NULL && block.base != NULL) {
    block.copy = inside;
    credirect_real_sync()(queue, &block, take_copy);  // what is made lazily is made in this one
    block.copy = before;
    take_copy(&block);
    block.copy = inside;
    credirect_real_sync()(queue, &block, take_copy);
    found.module = block.module;
    for (size_t i = 0; i < block.words && found.word_count < GREEN_SCOPE_WORDS; i++) {
      if (inside[i] == before[i] || block.base[i] != before[i]) continue;
      found.offsets[found.word_count++] = i * sizeof(uintptr_t);
    }
  }
  free(before);
  free(inside);
  if (queue != NULL) dispatch_release(queue);
}

static ptrdiff_t distance(int word) {
  return (char *)cfiber_library_variable(found.module, found.offsets[word]) - &anchor;
}

// On a thread of its own, which is inside no queue.
static void *find_all(void *unused) {
  find_classes();
  find_words();
  for (int i = 0; i < found.word_count; i++) found.distances[i] = distance(i);
  return unused;
}

static void find(void) {
  if (atomic_load_explicit(&is_ready, memory_order_acquire)) return;
  // Its own waits are short, and the thread's.
  unsigned *bypass = cfiber_bypass();
  ++*bypass;
  pthread_mutex_lock(&finding);
  if (!atomic_load(&is_ready)) {
    pthread_t thread;
    // Where there is no thread now, the next who asks tries again: to know nothing for good would end the protection.
    bool is_found = pthread_create(&thread, NULL, find_all, NULL) == 0 && pthread_join(thread, NULL) == 0;
    found.are_static = found.word_count > 0;
    for (int i = 0; i < found.word_count; i++) found.are_static &= distance(i) == found.distances[i];
    atomic_store_explicit(&is_ready, is_found, memory_order_release);
  }
  pthread_mutex_unlock(&finding);
  --*bypass;
}

// ---- Answers -----------------------------------------------------------------------------------------------------

const void *credirect_dispatch_bottom(const void *queue) {
  find();
  // Unknown: all queues are one.
  if (found.target == 0) return &found;
  const void *bottom = NULL;
  for (int i = 0; i < MOST_TARGETS && queue != NULL && word_of(queue, 0) != found.root; i++) {
    bottom = queue;
    queue = (const void *)word_of(queue, found.target);
  }
  return bottom;
}

bool credirect_dispatch_is_concurrent(const void *queue) {
  return queue != &found && word_of(queue, 0) == found.concurrent;
}

void credirect_dispatch_words(cfiber_word_scope *scope) {
  find();
  scope->count = found.word_count;
  for (int i = 0; i < found.word_count; i++) {
    scope->words[i] = cfiber_library_variable(found.module, found.offsets[i]);
  }
}

// The words are zero outside, except for the main thread's note of the main queue.
bool credirect_dispatch_is_inside(void) {
  find();
  if (!found.are_static) return false;
  for (int i = 0; i < found.word_count; i++) {
    if (*(const uintptr_t *)(&anchor + found.distances[i]) == 0) return false;
  }
  return true;
}
