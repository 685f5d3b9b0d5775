// gethostbyname(3), gethostbyname2, gethostbyaddr and their _r forms: the C library looks, on a thread of its own, since
// only it knows the aliases and the order that these calls have always had.
//
// The results of those without _r belong to the fiber: another fiber's call leaves them alone.

#define FAMILY GREEN_NAMES
#include "redirect.h"

#include "own_records.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

REAL(gethostbyname)
REAL(gethostbyname2)
REAL(gethostbyname_r)
REAL(gethostbyname2_r)
REAL(gethostbyaddr)
REAL(gethostbyaddr_r)

#define LONGEST_NAME 1025 // NI_MAXHOST

enum kind { BY_NAME, BY_NAME2, BY_ADDRESS };

// One question, apart from the caller's memory: it may have gone away when the answer comes.
struct question {
  enum kind kind;
  int family;
  socklen_t length;
  char key[LONGEST_NAME];
  struct hostent host;
  struct hostent *found;
  int status, error, host_error;
  size_t size;
  _Alignas(16) char buffer[];
};

static void ask(void *context) {
  struct question *q = context;
  errno = 0;
  switch (q->kind) {
  case BY_NAME:
    q->status = real_gethostbyname_r()(q->key, &q->host, q->buffer, q->size, &q->found, &q->host_error);
    break;
  case BY_NAME2:
    q->status =
      real_gethostbyname2_r()(q->key, q->family, &q->host, q->buffer, q->size, &q->found, &q->host_error);
    break;
  case BY_ADDRESS:
    q->status = real_gethostbyaddr_r()(q->key, q->length, q->family, &q->host, q->buffer, q->size, &q->found,
                                       &q->host_error);
    break;
  }
  q->error = errno;
}

// A pointer into the question's buffer as one into the caller's.
static void *moved(const struct question *question, void *pointer, char *buffer) {
  uintptr_t offset = (uintptr_t)pointer - (uintptr_t)question->buffer;
  return offset < question->size ? buffer + offset : pointer;
}

static char **moved_list(const struct question *question, char **list, char *buffer) {
  list = moved(question, list, buffer);
  for (char **one = list; one != NULL && *one != NULL; one++) *one = moved(question, *one, buffer);
  return list;
}

static int give_up(int error, struct hostent **found, int *host_error) {
  *found = NULL;
  *host_error = NETDB_INTERNAL;
  errno = error;
  return error;
}

static int look_up(const credirect_table *table, enum kind kind, const void *key, socklen_t length, int family,
                   struct hostent *host, char *buffer, size_t size, struct hostent **found, int *host_error) {
  // The list's pointers must be aligned as they would be in the caller's buffer.
  size_t skip = (16 - (uintptr_t)buffer % 16) % 16;
  if (skip >= size) return give_up(ERANGE, found, host_error);
  struct question *question = malloc(sizeof *question + size - skip);
  if (question == NULL) return give_up(ENOMEM, found, host_error);
  *question = (struct question){.kind = kind, .family = family, .length = length, .size = size - skip};
  memcpy(question->key, key, length);
  int saved = errno;
  int error = table->offload_droppable(ask, question, free);
  errno = saved;
  if (error != 0) return give_up(error, found, host_error);
  buffer += skip;
  int status = question->status;
  *host_error = question->host_error;
  *found = NULL;
  if (question->found != NULL) {
    memcpy(buffer, question->buffer, question->size);
    *host = question->host;
    host->h_name = moved(question, host->h_name, buffer);
    host->h_aliases = moved_list(question, host->h_aliases, buffer);
    host->h_addr_list = moved_list(question, host->h_addr_list, buffer);
    *found = host;
  }
  // Without an answer it is the other thread's; else the caller's own stays.
  if (*found == NULL) errno = question->error;
  free(question);
  return status;
}

// Too long for any name: the C library says so at once.
static bool is_too_long(const char *name) { return strlen(name) >= LONGEST_NAME; }

REDIRECTED int gethostbyname_r(const char *restrict name, struct hostent *restrict host, char *restrict buffer,
                               size_t size, struct hostent **restrict found, int *restrict host_error) {
  const credirect_table *table = fiber_table();
  if (table == NULL || is_too_long(name)) {
    return real_gethostbyname_r()(name, host, buffer, size, found, host_error);
  }
  return look_up(table, BY_NAME, name, (socklen_t)strlen(name) + 1, 0, host, buffer, size, found, host_error);
}

REDIRECTED int gethostbyname2_r(const char *restrict name, int family, struct hostent *restrict host,
                                char *restrict buffer, size_t size, struct hostent **restrict found,
                                int *restrict host_error) {
  const credirect_table *table = fiber_table();
  if (table == NULL || is_too_long(name)) {
    return real_gethostbyname2_r()(name, family, host, buffer, size, found, host_error);
  }
  return look_up(table, BY_NAME2, name, (socklen_t)strlen(name) + 1, family, host, buffer, size, found, host_error);
}

REDIRECTED int gethostbyaddr_r(const void *restrict address, socklen_t length, int family,
                               struct hostent *restrict host, char *restrict buffer, size_t size,
                               struct hostent **restrict found, int *restrict host_error) {
  const credirect_table *table = fiber_table();
  if (table == NULL || length > 16) {
    return real_gethostbyaddr_r()(address, length, family, host, buffer, size, found, host_error);
  }
  return look_up(table, BY_ADDRESS, address, length, family, host, buffer, size, found, host_error);
}

// ---- With memory of the fiber's -----------------------------------------------------------------------------------

static struct hostent *look_up_own(const credirect_table *table, enum kind kind, const void *key,
                                   socklen_t length, int family) {
  struct credirect_own_record *own = credirect_own_record(HOST);
  if (own == NULL) {
    h_errno = NETDB_INTERNAL;
    return NULL;
  }
  int saved = errno;
  for (;;) {
    struct hostent *found;
    int error = 0;
    int status = look_up(table, kind, key, length, family, &own->record.hostent, own->buffer, own->size, &found, &error);
    if (status != ERANGE || error != NETDB_INTERNAL || !credirect_own_record_grow(own)) {
      if (found == NULL) h_errno = error;
      else errno = saved;
      return found;
    }
  }
}

REDIRECTED struct hostent *gethostbyname(const char *name) {
  const credirect_table *table = fiber_table();
  if (table == NULL || is_too_long(name)) return real_gethostbyname()(name);
  return look_up_own(table, BY_NAME, name, (socklen_t)strlen(name) + 1, 0);
}

REDIRECTED struct hostent *gethostbyname2(const char *name, int family) {
  const credirect_table *table = fiber_table();
  if (table == NULL || is_too_long(name)) return real_gethostbyname2()(name, family);
  return look_up_own(table, BY_NAME2, name, (socklen_t)strlen(name) + 1, family);
}

REDIRECTED struct hostent *gethostbyaddr(const void *address, socklen_t length, int family) {
  const credirect_table *table = fiber_table();
  if (table == NULL || length > 16) return real_gethostbyaddr()(address, length, family);
  return look_up_own(table, BY_ADDRESS, address, length, family);
}
