// Calls that another thread makes: with its result its errno comes back.

#include "redirect.h"

struct call {
  ssize_t (*body)(void *context);
  void *context;
  ssize_t result;
  int error;
};

static void perform(void *context) {
  struct call *call = context;
  call->result = call->body(call->context);
  call->error = errno;
}

static ssize_t result_of(const struct call *call) {
  errno = call->error;
  return call->result;
}

ssize_t credirect_offload(const credirect_table *table, ssize_t (*body)(void *context), void *context) {
  struct call call = {body, context, 0, 0};
  if (table == NULL || table->offload(perform, &call) != 0) perform(&call);
  return result_of(&call);
}

ssize_t credirect_offload_long(const credirect_table *table, ssize_t (*body)(void *context), void *context) {
  struct call call = {body, context, 0, 0};
  if (table == NULL || table->offload_long(perform, &call) != 0) perform(&call);
  return result_of(&call);
}
