// The entry points that streams of bytes and streams of wide characters have alike. Each file that uses this has
// read_character(table, stream) and read_string(table, buffer, size, stream) for a stream that is locked.

#ifndef STDIO_CALLS_H
#define STDIO_CALLS_H

#include "streams.h"

extern void __chk_fail(void) __attribute__((noreturn));

// One character: `get` and its kin, and `refill`, which the macros of <stdio.h> call when the buffer is empty. `has_input`:
// the usual case has nothing to wait for. `table_of`: as credirect_stream_table.
#define CHARACTER_CALLS(type, has_input, table_of, get, get_unlocked, refill)                    \
  REDIRECTED type get(FILE *stream) {                                                            \
    if (has_input(stream) && !credirect_holds_anything()) return real_##get()(stream);               \
    STREAM_HELD(held);                                                                           \
    const credirect_table *table = table_of(stream, &held);                                 \
    if (table == NULL) return real_##get()(stream);                                              \
    credirect_lock_stream(table, stream);                                                            \
    type result = read_character(table, stream);                                                 \
    credirect_unlock_stream(stream);                                                                 \
    return result;                                                                               \
  }                                                                                              \
  REDIRECTED type get_unlocked(FILE *stream) {                                                   \
    if (has_input(stream)) return real_##get_unlocked()(stream);                                 \
    STREAM_HELD(held);                                                                           \
    const credirect_table *table = table_of(stream, &held);                                 \
    return table == NULL ? real_##get_unlocked()(stream) : read_character(table, stream);        \
  }                                                                                              \
  REDIRECTED type refill(FILE *stream) {                                                         \
    STREAM_HELD(held);                                                                           \
    const credirect_table *table = table_of(stream, &held);                                 \
    return table == NULL ? real_##refill()(stream) : read_character(table, stream);              \
  }

// A line: `gets` and its kin.
#define STRING_CALLS(character, table_of, gets, gets_unlocked)                                   \
  character *__##gets##_chk(character *buffer, size_t room, int size, FILE *stream);             \
  character *__##gets_unlocked##_chk(character *buffer, size_t room, int size, FILE *stream);    \
  REDIRECTED character *gets(character *restrict buffer, int size, FILE *restrict stream) {      \
    STREAM_HELD(held);                                                                           \
    const credirect_table *table = size > 1 ? table_of(stream, &held) : NULL;               \
    if (table == NULL) return real_##gets()(buffer, size, stream);                               \
    credirect_lock_stream(table, stream);                                                            \
    character *result = read_string(table, buffer, size, stream);                                \
    credirect_unlock_stream(stream);                                                                 \
    return result;                                                                               \
  }                                                                                              \
  REDIRECTED character *gets_unlocked(character *restrict buffer, int size, FILE *restrict stream) { \
    STREAM_HELD(held);                                                                           \
    const credirect_table *table = size > 1 ? table_of(stream, &held) : NULL;               \
    if (table == NULL) return real_##gets_unlocked()(buffer, size, stream);                      \
    return read_string(table, buffer, size, stream);                                             \
  }                                                                                              \
  REDIRECTED character *__##gets##_chk(character *buffer, size_t room, int size, FILE *stream) { \
    if (size > 0 && (size_t)size > room) __chk_fail();                                           \
    return gets(buffer, size, stream);                                                           \
  }                                                                                              \
  REDIRECTED character *__##gets_unlocked##_chk(character *buffer, size_t room, int size, FILE *stream) { \
    if (size > 0 && (size_t)size > room) __chk_fail();                                           \
    return gets_unlocked(buffer, size, stream);                                                  \
  }

// The stream's error flag is put aside while a string is read.
static inline int begin_string(FILE *stream) {
  int had_error = stream->_flags & _IO_ERR_SEEN;
  stream->_flags &= ~_IO_ERR_SEEN;
  return had_error;
}

// Whether the string is given. As glibc: what was read before an error is lost, except for one that says "not now".
static inline bool end_string(FILE *stream, int had_error, bool is_empty) {
  bool has_failed = is_empty || ((stream->_flags & _IO_ERR_SEEN) != 0 && errno != EAGAIN);
  stream->_flags |= had_error;
  return !has_failed;
}

#endif
