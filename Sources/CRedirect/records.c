// resolver(3): res_query, res_search, res_querydomain, res_send and the res_n* forms: the C library asks, on a thread of
// its own. Its own time limits end that (resolv.conf(5): timeout, attempts), and nothing before.

#define FAMILY GREEN_NAMES
#include "redirect.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

REAL(res_query)
REAL(res_search)
REAL(res_querydomain)
REAL(res_send)
REAL(res_nquery)
REAL(res_nsearch)
REAL(res_nquerydomain)
REAL(res_nsend)

enum kind { ASK_QUERY, ASK_SEARCH, ASK_DOMAIN, ASK_SEND };

struct question {
  enum kind kind;
  res_state state;
  const char *name, *domain;
  int class, type;
  const unsigned char *message;
  int message_length;
  unsigned char *answer;
  int size;
  int result, error, host_error;
};

static void ask(void *context) {
  struct question *q = context;
  switch (q->kind) {
  case ASK_QUERY: q->result = real_res_nquery()(q->state, q->name, q->class, q->type, q->answer, q->size); break;
  case ASK_SEARCH: q->result = real_res_nsearch()(q->state, q->name, q->class, q->type, q->answer, q->size); break;
  case ASK_DOMAIN:
    q->result = real_res_nquerydomain()(q->state, q->name, q->domain, q->class, q->type, q->answer, q->size);
    break;
  case ASK_SEND: q->result = real_res_nsend()(q->state, q->message, q->message_length, q->answer, q->size); break;
  }
  q->error = errno;
  q->host_error = h_errno;
}

static int ask_on_thread(const credirect_table *table, struct question *question) {
  credirect_on_thread(table, ask, question);
  if (question->result < 0) {
    errno = question->error;
    h_errno = question->host_error;
  }
  return question->result;
}

// The calls without a state use the thread's, which several fibers must not use at once: each call has a copy.
static int ask_with_copy(const credirect_table *table, struct question *question) {
  struct __res_state state;
  memset(&state, 0, sizeof state);
  if (res_ninit(&state) != 0) {
    h_errno = NETDB_INTERNAL;
    return -1;
  }
  if ((_res.options & RES_INIT) != 0) {
    state.options = _res.options;
    state.retrans = _res.retrans;
    state.retry = _res.retry;
    state.ndots = _res.ndots;
    state.nscount = _res.nscount;
    memcpy(state.nsaddr_list, _res.nsaddr_list, sizeof state.nsaddr_list);
  }
  question->state = &state;
  int result = ask_on_thread(table, question);
  res_nclose(&state);
  return result;
}

REDIRECTED int res_query(const char *name, int class, int type, unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_query()(name, class, type, answer, size);
  struct question question = {ASK_QUERY, .name = name, .class = class, .type = type, .answer = answer, .size = size};
  return ask_with_copy(table, &question);
}

REDIRECTED int res_search(const char *name, int class, int type, unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_search()(name, class, type, answer, size);
  struct question question = {ASK_SEARCH, .name = name, .class = class, .type = type, .answer = answer, .size = size};
  return ask_with_copy(table, &question);
}

REDIRECTED int res_querydomain(const char *name, const char *domain, int class, int type, unsigned char *answer,
                               int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_querydomain()(name, domain, class, type, answer, size);
  struct question question = {
    ASK_DOMAIN, .name = name, .domain = domain, .class = class, .type = type, .answer = answer, .size = size};
  return ask_with_copy(table, &question);
}

REDIRECTED int res_send(const unsigned char *message, int length, unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_send()(message, length, answer, size);
  struct question question = {
    ASK_SEND, .message = message, .message_length = length, .answer = answer, .size = size};
  return ask_with_copy(table, &question);
}

REDIRECTED int res_nquery(res_state state, const char *name, int class, int type, unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_nquery()(state, name, class, type, answer, size);
  struct question question = {ASK_QUERY, state, name, NULL, class, type, NULL, 0, answer, size, 0, 0, 0};
  return ask_on_thread(table, &question);
}

REDIRECTED int res_nsearch(res_state state, const char *name, int class, int type, unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_nsearch()(state, name, class, type, answer, size);
  struct question question = {ASK_SEARCH, state, name, NULL, class, type, NULL, 0, answer, size, 0, 0, 0};
  return ask_on_thread(table, &question);
}

REDIRECTED int res_nquerydomain(res_state state, const char *name, const char *domain, int class, int type,
                                unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_nquerydomain()(state, name, domain, class, type, answer, size);
  struct question question = {ASK_DOMAIN, state, name, domain, class, type, NULL, 0, answer, size, 0, 0, 0};
  return ask_on_thread(table, &question);
}

REDIRECTED int res_nsend(res_state state, const unsigned char *message, int length, unsigned char *answer, int size) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return real_res_nsend()(state, message, length, answer, size);
  struct question question = {ASK_SEND, state, NULL, NULL, 0, 0, message, length, answer, size, 0, 0, 0};
  return ask_on_thread(table, &question);
}

// The names that code linked with an earlier glibc has them under.
ALIAS(res_query, __res_query)
ALIAS(res_search, __res_search)
ALIAS(res_querydomain, __res_querydomain)
ALIAS(res_send, __res_send)
ALIAS(res_nquery, __res_nquery)
ALIAS(res_nsearch, __res_nsearch)
ALIAS(res_nquerydomain, __res_nquerydomain)
ALIAS(res_nsend, __res_nsend)
