#ifndef CGLIBC_STREAMS_H
#define CGLIBC_STREAMS_H

// Reading and writing what may be a pipe or a terminal without setting its O_NONBLOCK, which belongs to everybody who
// shares it, and without a SIGPIPE.

#include <stddef.h>
#include <sys/types.h>

// preadv2(2) and pwritev2(2) with RWF_NOWAIT, at the present position. EOPNOTSUPP where the file cannot be tried so.
ssize_t cglibc_read_nowait(int descriptor, void *buffer, size_t count);
ssize_t cglibc_write_nowait(int descriptor, const void *bytes, size_t count);
// write(2) that never raises SIGPIPE, and does not park.
ssize_t cglibc_write(int descriptor, const void *bytes, size_t count);
// pipe2(2), closed on exec.
int cglibc_pipe(int ends[2]);
// The same terminal once more, with an O_NONBLOCK of its own; -1 where it cannot be had, and for what is not a terminal.
int cglibc_reopen_terminal(int descriptor);

#endif
