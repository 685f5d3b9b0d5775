#include "own_records.h"

#include "CRedirect.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_key_t key;
static bool has_key;

static void free_all(void *value) {
  struct credirect_own_record *all = value;
  for (int i = 0; i < RECORDS; i++) free(all[i].buffer);
  free(all);
}

static void make_key(void) {
  has_key = pthread_key_create(&key, free_all) == 0 && credirect_make_fiber_local(key);
}

static struct credirect_own_record *all_records(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_key);
  if (!has_key) return NULL;
  struct credirect_own_record *all = pthread_getspecific(key);
  if (all != NULL) return all;
  all = calloc(RECORDS, sizeof *all);
  if (all == NULL || pthread_setspecific(key, all) == 0) return all;
  free(all);
  return NULL;
}

bool credirect_own_record_grow(struct credirect_own_record *own) {
  size_t size = own->size == 0 ? 1024 : own->size * 2;
  char *buffer = realloc(own->buffer, size);
  if (buffer == NULL) return false;
  own->buffer = buffer;
  own->size = size;
  return true;
}

struct credirect_own_record *credirect_own_record(enum credirect_record kind) {
  struct credirect_own_record *all = all_records();
  if (all == NULL) return NULL;
  return all[kind].size > 0 || credirect_own_record_grow(&all[kind]) ? &all[kind] : NULL;
}
