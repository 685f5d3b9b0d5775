// Filling the buffer of a stream that can block: what must be read is waited for, and then read by glibc's own __underflow.

#include "streams.h"

#include <poll.h>
#include <sys/socket.h>

extern int __underflow(FILE *);

REAL(__underflow)
REAL(poll)

// Waits until a read will not block: false with errno and the stream's error flag.
static bool wait_for_input(const credirect_table *table, FILE *stream) {
  int fd = stream->_fileno;
  struct waiting waiting = WAITING(table, fd, POLLIN, credirect_kind_of(fd) == KIND_SOCKET ? SO_RCVTIMEO : 0);
  struct pollfd entry = {.fd = fd, .events = POLLIN};
  while (real_poll()(&entry, 1, 0) == 0) {
    int error = credirect_wait_to_retry(&waiting);
    if (error == 0) continue;
    if (error == ENDED) return true;
    stream->_flags |= _IO_ERR_SEEN;
    errno = error;
    return false;
  }
  return true;
}

bool credirect_stream_fill(const credirect_table *table, FILE *stream) {
  if (stream_has_input(stream)) return true;
  // After what ungetc(3) put back there may be more in the buffer.
  bool has_more = (stream->_flags & STREAM_IN_BACKUP) != 0 && stream->_IO_save_base < stream->_IO_save_end;
  bool will_read = !has_more && (stream->_flags & (_IO_EOF_SEEN | STREAM_NO_READS)) == 0;
  if (will_read && (stream->_flags & STREAM_PUTTING) != 0 && credirect_stream_flush(table, stream) != 0) return false;
  if (!will_read) return real___underflow()(stream) != EOF;
  // Of a writer that keeps up there is always something to be had.
  spending_table(stream->_fileno);
  // Others may have filled it meanwhile, by the calls that do not lock.
  if (stream_has_input(stream)) return true;
  if (!wait_for_input(table, stream)) return false;
  bool has_read = real___underflow()(stream) != EOF;
  spend(has_read ? stream->_IO_read_end - stream->_IO_read_ptr : 0);
  return has_read;
}
