// Streams that were opened with a character set of their own, by the ",ccs=" of a mode: see fopen(3). freopen(3)
// does not look at it.
//
// glibc converts what goes through them, and does not say by what. So their wide characters are read and written by the
// real calls.

#include "streams.h"

#include <stdlib.h>
#include <string.h>

// Never given back: what is left of one is the next one's. Any thread may look while others note theirs.
struct noted {
  _Atomic(FILE *) stream;
  struct noted *next;
};
static _Atomic(struct noted *) noted;

static struct noted *find(const FILE *stream) {
  struct noted *one = atomic_load_explicit(&noted, memory_order_acquire);
  while (one != NULL && atomic_load_explicit(&one->stream, memory_order_acquire) != stream) one = one->next;
  return one;
}

bool credirect_has_own_set(const FILE *stream) { return find(stream) != NULL; }

void credirect_forget_set(const FILE *stream) {
  struct noted *one = stream != NULL ? find(stream) : NULL;
  if (one != NULL) atomic_store_explicit(&one->stream, NULL, memory_order_release);
}

static bool takes_unused(FILE *stream) {
  struct noted *one;
  while ((one = find(NULL)) != NULL) {
    FILE *none = NULL;
    if (atomic_compare_exchange_strong(&one->stream, &none, stream)) return true;
  }
  return false;
}

static bool note(FILE *stream) {
  if (takes_unused(stream)) return true;
  struct noted *made = malloc(sizeof *made);
  if (made == NULL) return false;
  atomic_init(&made->stream, stream);
  made->next = atomic_load(&noted);
  while (!atomic_compare_exchange_weak(&noted, &made->next, made)) {}
  return true;
}

FILE *credirect_note_set(FILE *stream, const char *mode) {
  if (stream == NULL || strstr(mode, ",ccs=") == NULL) return stream;
  int saved = errno;
  bool is_noted = note(stream);
  if (!is_noted) fclose(stream);
  errno = is_noted ? saved : ENOMEM;
  return is_noted ? stream : NULL;
}
