// pthread_getspecific(3p), pthread_setspecific, pthread_key_create, pthread_key_delete: the keys of some libraries (see
// key_owners.c) and those that were told to be per fiber belong to the fiber, all others to the thread.
//
// In a fiber such a key is NULL at first; outside fibers it is the thread's. Its destructor runs at the fiber's end, in
// the fiber, as it would at a thread's.

#define FAMILY GREEN_THREADS
#include "redirect.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

REAL(pthread_getspecific)
REAL(pthread_setspecific)
REAL(pthread_key_create)
REAL(pthread_key_delete)

#define KEYS PTHREAD_KEYS_MAX

struct key {
  _Atomic bool is_per_fiber;
  _Atomic unsigned generation; // another for each key of the same number
  void (*_Atomic destructor)(void *);
};
static struct key keys[KEYS];
static OF_THREAD int making_fiber_keys_in_thread;
#define making_fiber_keys GREEN_OF_THREAD(making_fiber_keys_in_thread)

// What a fiber's word points to.
struct values {
  size_t count;
  struct value {
    unsigned generation;
    const void *value;
  } values[];
};

EARLY static bool is_per_fiber(pthread_key_t key) {
  return key < KEYS && __builtin_expect(atomic_load_explicit(&keys[key].is_per_fiber, memory_order_relaxed), 0);
}

// The calling fiber's word; NULL outside fibers, and where it has borrowed the thread's.
EARLY static void **fiber_word(void) {
  if (cfiber_has_borrowed_keys()) return NULL;
  const credirect_table *table = atomic_load_explicit(&credirect_current, memory_order_acquire);
  return table != NULL ? table->word() : NULL;
}

EARLY static struct value *find(struct values *values, pthread_key_t key) {
  if (values == NULL || key >= values->count) return NULL;
  struct value *value = &values->values[key];
  return value->generation == atomic_load_explicit(&keys[key].generation, memory_order_relaxed) ? value : NULL;
}

EARLY REDIRECTED void *pthread_getspecific(pthread_key_t key) {
  if (!is_per_fiber(key)) return real_pthread_getspecific()(key);
  void **word = fiber_word();
  if (word == NULL) return real_pthread_getspecific()(key);
  struct value *value = find(*word, key);
  return value != NULL ? (void *)value->value : NULL;
}

EARLY REDIRECTED int pthread_setspecific(pthread_key_t key, const void *value) {
  if (!is_per_fiber(key)) return real_pthread_setspecific()(key, value);
  void **word = fiber_word();
  if (word == NULL) return real_pthread_setspecific()(key, value);
  struct values *values = *word;
  if (values == NULL || key >= values->count) {
    if (value == NULL) return 0;
    size_t count = key + 8, old = values != NULL ? values->count : 0;
    values = realloc(values, sizeof *values + count * sizeof values->values[0]);
    if (values == NULL) return ENOMEM;
    memset(&values->values[old], 0, (count - old) * sizeof values->values[0]);
    values->count = count;
    *word = values;
  }
  unsigned generation = atomic_load_explicit(&keys[key].generation, memory_order_relaxed);
  values->values[key] = (struct value){generation, value};
  return 0;
}

// The program's own code is running: a sanitizer makes its keys before.
EARLY static bool is_installed(void) {
  return atomic_load_explicit(&credirect_current, memory_order_acquire) != NULL
    && (atomic_load_explicit(&credirect_families, memory_order_relaxed) & FAMILY) != 0;
}

EARLY int credirect_create_key(pthread_key_t *key, void (*destructor)(void *), const void *caller) {
  int result = real_pthread_key_create()(key, destructor);
  if (result != 0 || *key >= KEYS) return result;
  atomic_store(&keys[*key].destructor, destructor);
  atomic_fetch_add(&keys[*key].generation, 1);
  bool is_fibers = making_fiber_keys > 0 || (is_installed() && credirect_makes_fiber_keys(caller));
  atomic_store(&keys[*key].is_per_fiber, is_fibers);
  return 0;
}

EARLY REDIRECTED int pthread_key_create(pthread_key_t *key, void (*destructor)(void *)) {
  return credirect_create_key(key, destructor, __builtin_return_address(0));
}

EARLY REDIRECTED int pthread_key_delete(pthread_key_t key) {
  int result = real_pthread_key_delete()(key);
  if (result == 0 && key < KEYS) {
    atomic_store(&keys[key].is_per_fiber, false);
    atomic_store(&keys[key].destructor, NULL);
  }
  return result;
}

bool credirect_make_fiber_local(unsigned key) {
  if (key >= KEYS) return false;
  atomic_store(&keys[key].is_per_fiber, true);
  return true;
}

void credirect_count_fiber_keys(int change) { making_fiber_keys += change; }

// Calls the destructors once, each with its key set to NULL before. Returns whether there was any value.
static bool destroy_all(void **word) {
  bool had_any = false;
  for (pthread_key_t key = 0; *word != NULL && key < ((struct values *)*word)->count; key++) {
    struct value *one = find(*word, key);
    void (*destructor)(void *) = atomic_load(&keys[key].destructor);
    if (one == NULL || one->value == NULL || destructor == NULL || !is_per_fiber(key)) continue;
    void *value = (void *)one->value;
    one->value = NULL;
    had_any = true;
    // It may set values again: the word is read anew.
    destructor(value);
  }
  return had_any;
}

void credirect_fiber_ends(void *ending) {
  void **word = fiber_word();
  if (word == NULL || *word != ending) return;
  for (int i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS && destroy_all(word); i++) {}
  free(*word);
  *word = NULL;
}

ALIAS(pthread_key_create, __pthread_key_create)
// Of programs linked before glibc 2.34.
ALIAS(pthread_getspecific, __pthread_getspecific)
ALIAS(pthread_setspecific, __pthread_setspecific)
