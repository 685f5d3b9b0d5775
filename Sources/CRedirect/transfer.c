// sendfile(2), splice(2): from descriptor to descriptor.
//
// sendfile has no flag for "do not wait", and O_NONBLOCK is not ours to set: to a socket that may wait, its bytes are
// read from the file and written by the redirected write. splice has one for its pipes, but none for a socket: so it moves
// as much at a time as there is room for.

#define FAMILY GREEN_SOCKETS
#include "redirect.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

REAL(sendfile)
REAL(splice)
REAL(poll)

#define CHUNK (128 << 10)

static bool is_of_type(int fd, mode_t type) {
  struct stat status;
  return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

static bool waits(int fd) {
  enum descriptor_kind kind = credirect_kind_of(fd);
  return kind != KIND_DIRECT && !credirect_is_nonblocking(fd);
}

// Copies from `*place` on, and moves it by what was written.
static ssize_t copy(const credirect_table *table, int out, int in, off_t *place, size_t count, char *buffer) {
  size_t done = 0;
  while (done < count) {
    struct iovec part = {buffer, count - done < CHUNK ? count - done : CHUNK};
    ssize_t read = credirect_read_file(table, in, &part, 1, *place, 0);
    if (read <= 0) return done > 0 || read == 0 ? (ssize_t)done : -1;
    ssize_t written = write(out, buffer, (size_t)read);
    if (written < 0) return done > 0 ? (ssize_t)done : -1;
    done += (size_t)written;
    *place += written;
    if (written < read) break;
  }
  return (ssize_t)done;
}

struct sending {
  int out, in;
  off_t *offset;
  size_t count;
};

static ssize_t send_elsewhere(void *context) {
  const struct sending *call = context;
  return real_sendfile()(call->out, call->in, call->offset, call->count);
}

WAITS(ssize_t, sendfile, (int out, int in, off_t *offset, size_t count), (out, in, offset, count)) {
  const credirect_table *table = count > 0 ? spending_table(out) : NULL;
  if (table == NULL || !waits(out) || !is_of_type(in, S_IFREG)) {
    struct sending call = {out, in, offset, count};
    bool is_copy = credirect_moves_much(count) && credirect_kind_of(out) == KIND_DIRECT;
    return credirect_offload(is_copy ? table : NULL, send_elsewhere, &call);
  }
  // To a pipe it is the same as splice: what fits goes.
  if (is_of_type(out, S_IFIFO)) return splice(in, offset, out, NULL, count, 0);
  // What is wrong with the arguments, the kernel says without moving a byte.
  if (real_sendfile()(out, in, offset, 0) < 0) return -1;
  off_t place = offset != NULL ? *offset : lseek(in, 0, SEEK_CUR);
  char *buffer = malloc(CHUNK);
  if (place < 0 || buffer == NULL) {
    free(buffer);
    return fail(place < 0 ? EINVAL : ENOMEM);
  }
  ssize_t result = copy(table, out, in, &place, count < MOST_OF_ONE_CALL ? count : MOST_OF_ONE_CALL, buffer);
  int saved = errno;
  if (offset != NULL) *offset = place;
  else lseek(in, place, SEEK_SET);
  free(buffer);
  errno = saved;
  return result;
}

// ---- splice -------------------------------------------------------------------------------------------------------

struct splicing {
  int in;
  off64_t *in_offset;
  int out;
  off64_t *out_offset;
  size_t count;
  unsigned flags;
};

static ssize_t perform(const struct splicing *call, unsigned flags) {
  return real_splice()(call->in, call->in_offset, call->out, call->out_offset, call->count, call->flags | flags);
}

static ssize_t perform_elsewhere(void *context) { return perform(context, 0); }

static ssize_t perform_at_once(void *context) { return perform(context, SPLICE_F_NONBLOCK); }

// The waits for both sides of such a call.
struct sides {
  struct waiting in, out;
};

static struct sides sides_of(const credirect_table *table, int in, int out) {
  int receives = credirect_kind_of(in) == KIND_SOCKET ? SO_RCVTIMEO : 0;
  int sends = credirect_kind_of(out) == KIND_SOCKET ? SO_SNDTIMEO : 0;
  return (struct sides){WAITING(table, in, POLLIN, receives), WAITING(table, out, POLLOUT, sends)};
}

static int wait_for(struct sides *sides) {
  for (;;) {
    struct pollfd ends[2] = {{sides->in.fd, POLLIN, 0}, {sides->out.fd, POLLOUT, 0}};
    if (real_poll()(ends, 2, 0) < 0) return errno;
    if (ends[0].revents != 0 && ends[1].revents != 0) return 0;
    int error = credirect_wait_to_retry(ends[0].revents != 0 ? &sides->out : &sides->in);
    if (error != 0) return error == ENDED ? 0 : error;
  }
}

int credirect_wait_for_both(const credirect_table *table, int in, int out) {
  struct sides sides = sides_of(table, in, out);
  return wait_for(&sides);
}

// How many bytes surely find room in a stream socket that poll(2) says has some: that is a third of its buffer, in which
// they are counted with what the kernel keeps about them.
static size_t room_of(int socket) {
  int size = 0;
  socklen_t length = sizeof size;
  getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, &length);
  return size < 8 * 4096 ? 4096 : (size_t)size / 8;
}

// As the kernel does: until the pipe is empty. Somebody else may take the room first: then a signal ends the call.
static ssize_t splice_to_stream(const credirect_table *table, struct splicing *call) {
  struct sides sides = sides_of(table, call->in, call->out);
  struct splicing part = *call;
  size_t room = room_of(call->out), done = 0;
  while (done < call->count) {
    if (done > 0 && !credirect_has(call->in, POLLIN)) break;
    int error = wait_for(&sides);
    if (error != 0) return done > 0 ? (ssize_t)done : fail(error);
    part.count = call->count - done < room ? call->count - done : room;
    credirect_interrupt_soon(true);
    ssize_t result = perform(&part, SPLICE_F_NONBLOCK);
    credirect_interrupt_soon(false);
    if (result == 0 || (result < 0 && errno != EAGAIN && errno != EINTR)) return done > 0 ? (ssize_t)done : result;
    if (result > 0) {
      done += (size_t)result;
      sides.in.fruitless = sides.out.fruitless = 0;
      spend(result);
      spending_table(call->out);
    } else if ((error = credirect_pause_to_retry(&sides.out)) != 0) {
      return done > 0 ? (ssize_t)done : fail(error);
    }
  }
  return (ssize_t)done;
}

static ssize_t splice_in_fiber(const credirect_table *table, struct splicing *call) {
  bool to_socket = credirect_kind_of(call->out) == KIND_SOCKET;
  // Where both offsets are as the kernel wants them; the plain call refuses the others.
  if (to_socket && call->in_offset == NULL && call->out_offset == NULL && is_of_type(call->in, S_IFIFO) &&
      credirect_is_stream_socket(call->out)) {
    return splice_to_stream(table, call);
  }
  struct sides sides = sides_of(table, call->in, call->out);
  bool has_file = credirect_kind_of(call->in) == KIND_DIRECT || credirect_kind_of(call->out) == KIND_DIRECT;
  for (;;) {
    // Of a socket the flag says nothing: it is waited for first.
    if (to_socket || credirect_kind_of(call->in) == KIND_SOCKET) {
      int error = wait_for(&sides);
      if (error != 0) return fail(error);
    }
    // A message is sent whole.
    if (to_socket) return credirect_offload_long(table, perform_elsewhere, call);
    ssize_t result = has_file && credirect_is_long(call->count) ? credirect_offload(table, perform_at_once, call)
                                                                : perform(call, SPLICE_F_NONBLOCK);
    if (result >= 0 || errno != EAGAIN) return result;
    int error = wait_for(&sides);
    // Ready, and yet not: somebody else was faster. Not at once again, or this might be all that runs.
    if (error == 0) error = table->sleep_until(deadline_after(0));
    if (error != 0) return fail(error);
  }
}

WAITS(ssize_t, splice, (int in, off64_t *in_offset, int out, off64_t *out_offset, size_t count, unsigned flags),
      (in, in_offset, out, out_offset, count, flags)) {
  struct splicing call = {in, in_offset, out, out_offset, count, flags};
  const credirect_table *table;
  if (count == 0 || (flags & SPLICE_F_NONBLOCK) != 0 || (table = spending_table(in)) == NULL) return perform(&call, 0);
  return waits(in) || waits(out) ? splice_in_fiber(table, &call) : perform(&call, 0);
}

// off_t has 64 bits, as off64_t has.
ALIAS(sendfile, sendfile64)
