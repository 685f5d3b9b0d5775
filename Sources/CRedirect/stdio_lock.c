// flockfile(3), ftrylockfile, funlockfile: a stream's lock belongs to the fiber.

#include "streams.h"

REAL(flockfile)
REAL(ftrylockfile)
REAL(funlockfile)

// Takes it once more, or for the first time: 0 or EBUSY. The real lock is held too, for other threads.
int credirect_try_stream(FILE *stream) {
  uintptr_t fiber = cfiber_identity();
  struct holder *holder = credirect_holder(stream);
  if (holder != NULL && holder->fiber != fiber) return EBUSY;
  struct holder *own = holder != NULL ? holder : credirect_hold(stream, fiber);
  int result = real_ftrylockfile()(stream);
  if (own == NULL) return result;
  if (holder != NULL && result == 0) holder->depth++;
  if (holder == NULL && result != 0) credirect_let_go(own);
  return result;
}

struct attempt {
  FILE *stream;
  bool has_it;
};

static bool is_still_locked(void *context) {
  struct attempt *attempt = context;
  attempt->has_it = credirect_try_stream(attempt->stream) == 0;
  return !attempt->has_it;
}

void credirect_lock_stream(const credirect_table *table, FILE *stream) {
  struct attempt attempt = {stream, false};
  const credirect_object_wait wait = {.address = stream, .name = "the stream", .holder = credirect_holder_number};
  unsigned pause = 0;
  if (credirect_holder(stream) == NULL) credirect_let_woken_first(table, stream);
  while (!attempt.has_it && is_still_locked(&attempt)) {
    // Threads unlock it inside libc.
    bool is_seen = credirect_holder(stream) != NULL;
    credirect_wait_for(table, &wait, is_still_locked, &attempt, NEVER, is_seen ? NULL : &pause);
  }
}

void credirect_unlock_stream(FILE *stream) {
  struct holder *holder = credirect_holder(stream);
  if (holder != NULL && --holder->depth == 0) credirect_let_go(holder);
  real_funlockfile()(stream);
  credirect_unpark(stream, false);
}

static bool is_held_by_other(void *context) {
  struct attempt *attempt = context;
  struct holder *holder = credirect_holder(attempt->stream);
  return holder != NULL && holder->fiber != cfiber_identity();
}

// Waits while another fiber of this thread holds it.
static void wait_for_turn(const credirect_table *table, FILE *stream) {
  struct attempt attempt = {stream, false};
  const credirect_object_wait wait = {.address = stream, .name = "the stream", .holder = credirect_holder_number};
  while (credirect_holds_anything() && is_held_by_other(&attempt)) {
    credirect_wait_for(table, &wait, is_held_by_other, &attempt, NEVER, NULL);
    // It was woken instead of one that takes the lock: hand the wake on.
    if (!is_held_by_other(&attempt)) credirect_unpark(stream, false);
  }
}

const credirect_table *credirect_any_stream_table(FILE *stream, FILE **held) {
  const credirect_table *table = fiber_table();
  if (table == NULL) return NULL;
  if (stream->_fileno < 0) {
    credirect_lock_stream(table, stream);
    *held = stream;
    return NULL;
  }
  // A call of the kernel, or one that finds what it wants and may be one of very many. Others run before the turn is waited
  // for: they may lock the stream.
  spend_bytes(4096);
  spending_table(credirect_kind_of(stream->_fileno) == KIND_DIRECT ? -1 : stream->_fileno);
  wait_for_turn(table, stream);
  return credirect_kind_of(stream->_fileno) == KIND_DIRECT ? NULL : table;
}

const credirect_table *credirect_stream_table(FILE *stream, FILE **held) {
  const credirect_table *table = credirect_any_stream_table(stream, held);
  return stream->_mode <= 0 ? table : NULL;
}

const credirect_table *credirect_wide_table(FILE *stream, FILE **held) {
  const credirect_table *table = credirect_any_stream_table(stream, held);
  return table != NULL && !credirect_has_own_set(stream) && fwide(stream, 1) > 0 ? table : NULL;
}

void credirect_leave_stream(FILE **held) {
  if (*held != NULL) credirect_unlock_stream(*held);
}

REDIRECTED void flockfile(FILE *stream) {
  const credirect_table *table = fiber_table();
  if (table == NULL) real_flockfile()(stream);
  else credirect_lock_stream(table, stream);
}

REDIRECTED int ftrylockfile(FILE *stream) {
  const credirect_table *table = fiber_table();
  return table == NULL ? real_ftrylockfile()(stream) : credirect_try_stream(stream);
}

REDIRECTED void funlockfile(FILE *stream) { credirect_unlock_stream(stream); }

ALIAS(flockfile, _IO_flockfile)
ALIAS(ftrylockfile, _IO_ftrylockfile)
ALIAS(funlockfile, _IO_funlockfile)
