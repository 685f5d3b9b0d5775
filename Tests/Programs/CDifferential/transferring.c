// sendfile and splice.

#include "differential.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#define BIG 600000

static int big_file(void) {
  char path[] = "/tmp/differential-XXXXXX";
  int fd = mkostemp(path, O_CLOEXEC);
  unlink(path);
  char *bytes = malloc(BIG);
  for (size_t i = 0; i < BIG; i++) bytes[i] = (char)('a' + i % 26);
  if (write(fd, bytes, BIG) != BIG) abort();
  free(bytes);
  lseek(fd, 0, SEEK_SET);
  return fd;
}

enum { WHOLE, FROM_OFFSET, BEHIND_THE_END, SHORT, NONBLOCKING, NO_BYTES, WRONG_WAY, SENDS };
static const char *const sends[] = {
    "the whole file", "from an offset", "after the end", "a few bytes", "O_NONBLOCK", "no bytes", "for reading only",
};

static void sending(struct run *run) {
  int ends[2], file = big_file();
  make_ends((enum kind)run->a, ends);
  struct later reader = {5, drain, ends[0], 0, NULL, 0, 0, 0, 0};
  if (run->c == NONBLOCKING) set_nonblocking(ends[1]);
  else start_later(&reader);
  off_t offset = run->c == FROM_OFFSET ? 5000 : BIG + 5, *given = run->c == FROM_OFFSET || run->c == BEHIND_THE_END
                                                                      ? &offset
                                                                      : NULL;
  size_t count = run->c == SHORT ? 100 : run->c == NO_BYTES ? 0 : BIG * 2;
  int in = run->c == WRONG_WAY ? ends[0] : file;
  long result = sendfile(ends[1], in, given, count);
  if (run->c == NONBLOCKING && result > 0 && result < BIG) note(run, "sendfile: a part\n");
  else note_result(run, "sendfile", result);
  if (run->c != NONBLOCKING) note(run, "offset %ld, place %ld\n", (long)offset, (long)lseek(file, 0, SEEK_CUR));
  note_flags(run, ends[1]);
  close(ends[1]);
  ends[1] = -1;
  if (run->c != NONBLOCKING) {
    end_later(&reader);
    note(run, "read: %ld\n", reader.result);
  }
  close(file);
  close_ends(ends);
}

static void sending_wrongly(struct run *run) {
  int ends[2], file = big_file();
  make_ends(UNIX_STREAM, ends);
  note_result(run, "to nothing", sendfile(-1, file, NULL, 10));
  note_result(run, "from nothing", sendfile(ends[1], -1, NULL, 10));
  note_result(run, "from a socket", sendfile(ends[1], ends[0], NULL, 10));
  off_t offset = -5;
  note_result(run, "from a negative offset", sendfile(ends[1], file, &offset, 10));
  int other = big_file();
  note_result(run, "to a file", sendfile(other, file, NULL, 100));
  note_result(run, "place", lseek(other, 0, SEEK_CUR));
  close(other);
  close(file);
  close_ends(ends);
}

// ---- splice -------------------------------------------------------------------------------------------------------

static void splicing(struct run *run) {
  int from[2], to[2];
  make_ends((enum kind)run->a, from);
  make_ends((enum kind)run->b, to);
  struct later later = {15, send_bytes, from[1], 0, "abcdef", 6, 0, 0, 0};
  unsigned flags = run->c == 1 ? SPLICE_F_NONBLOCK : 0;
  // Of a socket the flag says nothing.
  if (run->c == 1 && run->a != PIPE) set_nonblocking(from[0]);
  note_result(run, "splice of no bytes", splice(from[0], NULL, to[1], NULL, 0, flags));
  if (run->c == 1) note_result(run, "splice", splice(from[0], NULL, to[1], NULL, 100, flags));
  start_later(&later);
  if (run->c == 1) end_later(&later);
  note_result(run, "splice", splice(from[0], NULL, to[1], NULL, 100, flags));
  if (run->c == 0) end_later(&later);
  char buffer[20];
  long count = read(to[0], buffer, sizeof buffer);
  note_bytes(run, buffer, count > 0 ? (size_t)count : 0);
  close(from[1]);
  from[1] = -1;
  note_result(run, "splice at the end", splice(from[0], NULL, to[1], NULL, 100, flags));
  off64_t offset = 0;
  note_result(run, "splice with an offset", splice(from[0], &offset, to[1], NULL, 100, flags));
  close_ends(from);
  close_ends(to);
}

// A file into a pipe that fills up, and a pipe into a file.
static void splicing_files(struct run *run) {
  int pipe[2], file = big_file(), other = big_file();
  make_ends(PIPE, pipe);
  struct later reader = {10, drain, pipe[0], 0, NULL, 65536, 0, 0, 0};
  note_result(run, "splice", splice(file, NULL, pipe[1], NULL, 65536, 0));
  start_later(&reader);
  long result = splice(file, NULL, pipe[1], NULL, 65536, 0);
  note(run, "splice to a full pipe: %s\n", result > 0 ? "some" : "nothing");
  end_later(&reader);
  off64_t offset = 100;
  note_result(run, "splice", splice(pipe[0], NULL, other, &offset, 10, 0));
  note(run, "offset %ld\n", (long)offset);
  note_result(run, "splice of two files", splice(file, NULL, other, NULL, 10, 0));
  close(file);
  close(other);
  close_ends(pipe);
}

// A socket that stays full, or empty, until its time is up.
static void splicing_until_timeout(struct run *run) {
  int pipe[2], ends[2];
  make_ends(PIPE, pipe);
  make_ends((enum kind)run->a, ends);
  char *bytes = calloc(1, 65536);
  int64_t start = now();
  if (run->b == 0) {
    set_timeout(ends[1], SO_SNDTIMEO, 30);
    while (send(ends[1], bytes, 65536, MSG_DONTWAIT) > 0) {}
    usleep(2000);
    while (send(ends[1], bytes, 65536, MSG_DONTWAIT) > 0) {}
    if (write(pipe[1], bytes, 65536) != 65536) note(run, "not written\n");
    note_result(run, "splice", splice(pipe[0], NULL, ends[1], NULL, 65536, 0));
  } else {
    set_timeout(ends[0], SO_RCVTIMEO, 30);
    note_result(run, "splice", splice(ends[0], NULL, pipe[1], NULL, 65536, 0));
  }
  note_time(run, start, 30);
  free(bytes);
  close_ends(pipe);
  close_ends(ends);
}

// All that a full pipe holds, to one who reads it slowly.
static void splicing_much(struct run *run) {
  int pipe[2], ends[2];
  make_ends(PIPE, pipe);
  make_ends((enum kind)run->a, ends);
  set_timeout(ends[1], SO_SNDTIMEO, 20000);
  char *bytes = calloc(1, 65536);
  struct later reader = {5, drain, ends[0], 0, NULL, 20 * 65536, 0, 0, 0};
  start_later(&reader);
  for (int i = 0; i < 20; i++) {
    if (write(pipe[1], bytes, 65536) != 65536) note(run, "not written\n");
    note_result(run, "splice", splice(pipe[0], NULL, ends[1], NULL, i % 2 == 0 ? 65536 : 100000, 0));
  }
  end_later(&reader);
  note(run, "read: %ld\n", reader.result);
  free(bytes);
  close_ends(pipe);
  close_ends(ends);
}

void add_transferring(void) {
  for (int kind = 0; kind < 2; kind++) {
    enum kind sockets[] = {UNIX_STREAM, TCP};
    for (int way = 0; way < 2; way++) {
      add(splicing_until_timeout, sockets[kind], way, 0, "splice %s %s until its time", way == 0 ? "to" : "from",
          kind_names[sockets[kind]]);
    }
    add(splicing_much, sockets[kind], 0, 0, "splice of a full pipe to %s", kind_names[sockets[kind]]);
  }

  static const int kinds[] = {UNIX_STREAM, TCP, PIPE};
  for (int i = 0; i < 3; i++) {
    for (int way = 0; way < SENDS; way++) {
      add(sending, kinds[i], 0, way, "sendfile on %s: %s", kind_names[kinds[i]], sends[way]);
    }
  }
  add(sending_wrongly, 0, 0, 0, "sendfile with wrong arguments");
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++) {
      for (int way = 0; way < 2; way++) {
        add(splicing, kinds[i], kinds[j], way, "splice from %s to %s%s", kind_names[kinds[i]], kind_names[kinds[j]],
            way == 1 ? ", SPLICE_F_NONBLOCK" : "");
      }
    }
  }
  add(splicing_files, 0, 0, 0, "splice of files");
}
