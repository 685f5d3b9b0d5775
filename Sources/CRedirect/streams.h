// Shared by the stdio_*.c files.
//
// glibc's streams call the kernel by names that nobody else can define, and one call may need several reads or writes. So
// in a fiber, on a stream over a descriptor that can block, the call is made here: from and to the stream's own buffer,
// through the members that the macros of <stdio.h> use too. What must be read is waited for, and then read by glibc's
// own __underflow; what must be written is written by the redirected write. All else is the real call: outside fibers, on
// files, on streams without a descriptor.

#ifndef STREAMS_H
#define STREAMS_H

// The functions themselves, and not those of <bits/stdio.h> instead.
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1
#endif

#define FAMILY GREEN_STREAMS
#include "redirect.h"

#include <stdarg.h>

#include <stdio.h>
#include <wchar.h>

// glibc's libio/libio.h.
#define STREAM_UNBUFFERED 0x2
#define STREAM_NO_READS 0x4
#define STREAM_NO_WRITES 0x8
#define STREAM_IN_BACKUP 0x100
#define STREAM_LINE_BUFFERED 0x200
#define STREAM_PUTTING 0x800

// The table when a call on the stream is to be made here, else NULL. Waits for its turn where another fiber of this
// thread holds the stream, which glibc would not notice.
//
// A stream without a descriptor is read and written by functions of the program (fopencookie(3)), which may park inside the
// real call: it is locked for the fiber, and put into `held`, which gives it back at the end of the caller's block.
const credirect_table *credirect_stream_table(FILE *stream, FILE **held);
// The same for a stream of wide characters, which it becomes here where it is of neither kind yet: fwide(3). NULL where it
// has a character set of its own.
const credirect_table *credirect_wide_table(FILE *stream, FILE **held);
// The same for either kind.
const credirect_table *credirect_any_stream_table(FILE *stream, FILE **held);
#define STREAM_HELD(name) FILE *name __attribute__((cleanup(credirect_leave_stream))) = NULL
void credirect_leave_stream(FILE **held);

// A stream belongs to the fiber that locked it, as often as it did: flockfile(3).
void credirect_lock_stream(const credirect_table *table, FILE *stream);
void credirect_unlock_stream(FILE *stream);
int credirect_try_stream(FILE *stream);

// A stream over a file never waits, so glibc's own functions read and write it: as many bytes in one call as take a moment,
// between which others have their turn.
#define STREAM_PIECE ((size_t)256 << 10)
// The table where a call of so many bytes on such a stream is to be divided, else NULL.
static inline const credirect_table *stream_pieces_table(size_t size, size_t count) {
  return size > 0 && count > STREAM_PIECE / size ? spending_table(-1) : NULL;
}

static inline bool stream_has_input(const FILE *stream) { return stream->_IO_read_ptr < stream->_IO_read_end; }
// Whether there is something to be had, and else waits for it. False at the end, or with an error.
bool credirect_stream_fill(const credirect_table *table, FILE *stream);

// Writes what the buffer holds: 0, or EOF with errno. What could not be written because the fiber is to end stays.
int credirect_stream_flush(const credirect_table *table, FILE *stream);
// How many of the bytes the stream has taken: fewer is an error.
size_t credirect_stream_write(const credirect_table *table, FILE *stream, const char *bytes, size_t count);

// Whether the fiber was told to end: what it could not write its clean-up may still.
static inline bool is_interruption(int error) { return error == ECANCELED || error == ETIMEDOUT; }
// Writes bytes past the buffer: how many were written; fewer with errno and the stream's error flag.
size_t credirect_stream_write_out(FILE *stream, const char *bytes, size_t count);

// ---- Wide characters (stdio_wide_input.c, stdio_wide_output.c) ----------------------------------------------------

// The beginning of glibc's struct _IO_wide_data (libio/libio.h), as it is since 2.2.
struct wide_data {
  wchar_t *read_ptr, *read_end, *read_base, *write_base, *write_ptr, *write_end, *buffer, *buffer_end;
  wchar_t *save_base, *backup_base, *save_end;
  mbstate_t state;
};
static inline struct wide_data *wide_data_of(const FILE *stream) { return (struct wide_data *)stream->_wide_data; }
static inline bool wide_has_input(const FILE *stream) {
  const struct wide_data *wide = wide_data_of(stream);
  return wide != NULL && wide->read_ptr < wide->read_end;
}

// As credirect_stream_fill, credirect_stream_flush and credirect_stream_write.
bool credirect_wide_fill(const credirect_table *table, FILE *stream);
int credirect_wide_flush(FILE *stream);
size_t credirect_wide_write(FILE *stream, const wchar_t *text, size_t count);

// ---- Scans by a thread (stdio_wide_scan.c) ------------------------------------------------------------------------

// The real fflush(NULL), which locks every stream, when no thread holds one for a fiber's scan.
int credirect_flush_all(const credirect_table *table);

// ---- Character sets (stdio_sets.c) --------------------------------------------------------------------------------

// Notes a stream, or none, that was opened in this mode, where that names a character set, and gives it back; NULL without
// memory, with the stream closed.
FILE *credirect_note_set(FILE *stream, const char *mode);
// Of one that is about to be closed, or reopened.
void credirect_forget_set(const FILE *stream);
// Whether its characters are of a set that was named: then the real calls convert them.
bool credirect_has_own_set(const FILE *stream);

// ---- Formats (stdio_format.c, stdio_wide_format.c) ----------------------------------------------------------------

// The body of a function with `...` after `last`: what `call` gives for these `arguments`.
#define WITH_ARGUMENTS(last, call)                                                               \
  va_list arguments;                                                                             \
  va_start(arguments, last);                                                                     \
  int result = call;                                                                             \
  va_end(arguments);                                                                             \
  return result

#endif
