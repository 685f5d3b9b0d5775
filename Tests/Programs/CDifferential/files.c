// Files, FIFOs, locks, eventfd and timerfd.

#include "differential.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

static int make_file(char path[64], size_t count) {
  strcpy(path, "/tmp/differential-XXXXXX");
  int fd = mkostemp(path, O_CLOEXEC);
  for (size_t i = 0; i < count; i += 10) {
    if (write(fd, "0123456789", 10) != 10) abort();
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

// Every way to read and write a file, of `c` bytes.
static void file_calls(struct run *run) {
  char path[64];
  size_t count = (size_t)run->c;
  int fd = make_file(path, count);
  char *buffer = calloc(1, count + 10);
  struct iovec parts[2] = {{buffer, count / 2}, {buffer + count / 2, count - count / 2 + 5}};
#define READING(call)                     \
  do {                                    \
    memset(buffer, 0, count + 10);        \
    long result = (call);                 \
    note_result(run, #call, result);      \
    if (result > 0) note_bytes(run, buffer, (size_t)result); \
  } while (0)
  READING(read(fd, buffer, count));
  READING(read(fd, buffer, count));
  note_result(run, "lseek", lseek(fd, 3, SEEK_SET));
  READING(readv(fd, parts, 2));
  READING(pread(fd, buffer, count, 5));
  READING(pread64(fd, buffer, count, (off64_t)count));
  READING(preadv(fd, parts, 2, 1));
  READING(preadv2(fd, parts, 2, 2, 0));
  lseek(fd, 0, SEEK_SET);
  READING(preadv2(fd, parts, 2, -1, 0));
  READING(pread(fd, buffer, count, -5));
  READING(preadv(fd, parts, 2, -5));
  READING(preadv2(fd, parts, 2, -5, 0));
  READING(preadv2(fd, parts, 2, 0, 0x4000));
  READING(preadv(fd, parts, -1, 0));
  note_result(run, "pwrite", pwrite(fd, "pwrite", 6, 4));
  note_result(run, "pwritev", pwritev(fd, parts, 2, 10));
  note_result(run, "pwritev2", pwritev2(fd, parts, 2, 20, RWF_APPEND));
  note_result(run, "pwritev2", pwritev2(fd, parts, 2, -1, 0));
  note_result(run, "write", write(fd, buffer, count));
  note_result(run, "writev", writev(fd, parts, 2));
  note_result(run, "lseek", lseek(fd, 0, SEEK_CUR));
  note_result(run, "size", lseek(fd, 0, SEEK_END));
  free(buffer);
  close(fd);
  int reading = open(path, O_RDONLY | O_CLOEXEC), writing = open(path, O_WRONLY | O_CLOEXEC);
  char byte = 'x';
  note_result(run, "write to what is for reading", write(reading, &byte, 1));
  note_result(run, "read from what is for writing", read(writing, &byte, 1));
  close(reading);
  close(writing);
  unlink(path);
}

// ---- FIFOs --------------------------------------------------------------------------------------------------------

static void fifo(struct run *run) {
  char path[64];
  static _Atomic int count;
  snprintf(path, sizeof path, "/tmp/differential-%d-%d", getpid(), count++);
  mkfifo(path, 0600);
  struct later other = {20, open_other_side, (run->b == O_RDONLY ? O_WRONLY : O_RDONLY) | O_CLOEXEC, 0, path, 0, 0, 0, 0};
  bool has_other = (run->c & 1) != 0;
  int64_t start = now();
  if (has_other) start_later(&other);
  int flags = run->b | O_CLOEXEC | ((run->c & 2) != 0 ? O_NONBLOCK : 0);
  int fd = run->a == 0 ? open(path, flags) : run->a == 1 ? openat(AT_FDCWD, path, flags) : open64(path, flags);
  note_result(run, "open", fd >= 0 ? 0 : fd);
  if (has_other && (run->c & 2) == 0 && run->b != O_RDWR) note_time(run, start, 15);
  if (fd >= 0) note_flags(run, fd);
  char buffer[10];
  if (fd >= 0 && run->b == O_RDONLY && has_other && (run->c & 2) == 0) {
    note_result(run, "read", read(fd, buffer, 10));
    note_result(run, "read", read(fd, buffer, 10));
  }
  if (has_other) {
    // One that waits for us still.
    int release = fd < 0 ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
    end_later(&other);
    if (release >= 0) close(release);
  }
  if (fd >= 0) close(fd);
  unlink(path);
}

static void opening(struct run *run) {
  char path[64];
  close(make_file(path, 10));
  note_result(run, "open of nothing", open("/tmp/differential-is-not-here", O_RDONLY));
  note_result(run, "open in a file", open("/proc/self/exe/a", O_RDONLY));
  note_result(run, "open for writing of a folder", open("/tmp", O_WRONLY));
  note_result(run, "O_CREAT | O_EXCL", open(path, O_CREAT | O_EXCL | O_WRONLY, 0600));
  int folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = openat(folder, path + 5, O_WRONLY | O_TRUNC | O_CLOEXEC);
  note_result(run, "openat", fd >= 0 ? 0 : -1);
  struct stat status;
  fstat(fd, &status);
  note(run, "size %ld\n", (long)status.st_size);
  close(fd);
  unlink(path);
  umask(022);
  fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0640);
  fstat(fd, &status);
  note(run, "mode %o\n", status.st_mode);
  close(fd);
  unlink(path);
  fd = creat(path, 0600);
  fstat(fd, &status);
  note(run, "mode %o\n", status.st_mode);
  close(fd);
  unlink(path);
  fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  note_result(run, "O_TMPFILE", fd >= 0 ? 0 : -1);
  if (fd >= 0) close(fd);
  char byte;
  note_result(run, "read of a folder", read(folder, &byte, 1));
  note_result(run, "dup2 to itself", dup2(folder, folder) == folder ? 0 : -1);
  note_result(run, "dup3 to itself", dup3(folder, folder, 0));
  note_result(run, "dup2 of nothing", dup2(-1, folder));
  note_result(run, "F_GETFD", fcntl(folder, F_GETFD));
  note_result(run, "close", close(folder));
  note_result(run, "close", close(folder));
}

// ---- Locks --------------------------------------------------------------------------------------------------------

static void unlock(struct later *later) {
  struct flock lock = {.l_type = F_UNLCK};
  if (later->other == 0) flock(later->fd, LOCK_UN);
  else fcntl(later->fd, F_OFD_SETLK, &lock);
}

static void file_lock(struct run *run) {
  char path[64];
  int first = make_file(path, 10), second = open(path, O_RDWR | O_CLOEXEC);
  struct flock lock = {.l_type = F_WRLCK}, again = lock;
  struct later later = {20, unlock, first, run->b, NULL, 0, 0, 0, 0};
  if (run->b == 0) note_result(run, "flock", flock(first, LOCK_EX));
  else note_result(run, "F_OFD_SETLKW", fcntl(first, F_OFD_SETLKW, &lock));
  if (run->b == 0) note_result(run, "flock", flock(second, LOCK_EX | LOCK_NB));
  else note_result(run, "F_OFD_SETLK", fcntl(second, F_OFD_SETLK, &again));
  int64_t start = now();
  start_later(&later);
  if (run->b == 0) note_result(run, "flock", flock(second, LOCK_EX));
  else note_result(run, "F_OFD_SETLKW", fcntl(second, F_OFD_SETLKW, &again));
  note_time(run, start, 15);
  end_later(&later);
  note_result(run, "flock", flock(second, 77));
  note_result(run, "flock", flock(-1, LOCK_EX));
  close(first);
  close(second);
  unlink(path);
}

static void record_lock(struct run *run) {
  char path[64];
  int fd = make_file(path, 10);
  struct flock lock = {.l_type = F_WRLCK, .l_len = 5};
  note_result(run, "F_SETLKW", fcntl(fd, F_SETLKW, &lock));
  note_result(run, "lockf", lockf(fd, F_LOCK, 5));
  note_result(run, "lockf", lockf(fd, F_TLOCK, 5));
  note_result(run, "lockf", lockf(fd, F_ULOCK, 5));
  note_result(run, "lockf", lockf(fd, F_TEST, 5));
  note_result(run, "lockf", lockf(fd, 77, 5));
  note_result(run, "F_SETLKW", fcntl(-1, F_SETLKW, &lock));
  note_result(run, "F_SETLKW without a lock", fcntl(fd, F_SETLKW, NULL));
  lock.l_type = 77;
  note_result(run, "F_SETLKW of no kind", fcntl(fd, F_SETLKW, &lock));
  int copy = fcntl(fd, F_DUPFD, 100), other = fcntl(fd, F_DUPFD_CLOEXEC, 100);
  note(run, "%d %d %d\n", copy >= 100, other >= 100, fcntl(other, F_GETFD));
  note_result(run, "F_GETPIPE_SZ", fcntl(fd, F_GETPIPE_SZ));
  note_result(run, "no command", fcntl(fd, 7777));
  close(copy);
  close(other);
  close(fd);
  unlink(path);
}

// ---- Anonymous files ----------------------------------------------------------------------------------------------

static void event_descriptor(struct run *run) {
  uint64_t value = 3;
  int fd = eventfd(0, run->c == 1 ? EFD_SEMAPHORE | EFD_CLOEXEC : EFD_CLOEXEC);
  struct later later = {10, send_bytes, fd, 0, &value, 8, 0, 0, 0};
  start_later(&later);
  uint64_t got = 0;
  note_result(run, "read", read(fd, &got, 8));
  note(run, "%lu\n", (unsigned long)got);
  end_later(&later);
  note_result(run, "short read", read(fd, &got, 4));
  uint64_t most = UINT64_MAX - 1 - (run->c == 1 ? 2 : 0);
  note_result(run, "write", write(fd, &most, 8));
  uint64_t one = 1;
  set_nonblocking(fd);
  note_result(run, "write to a full one", write(fd, &one, 8));
  note_result(run, "read", read(fd, &got, 8));
  close(fd);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  struct itimerspec time = {{0, 0}, {0, 20000000}};
  int64_t start = now();
  timerfd_settime(timer, 0, &time, NULL);
  note_result(run, "read of a timerfd", read(timer, &got, 8));
  note(run, "%lu\n", (unsigned long)got);
  note_time(run, start, 20);
  note_result(run, "write to a timerfd", write(timer, &got, 8));
  close(timer);
}

static void terminal(struct run *run) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  grantpt(master);
  unlockpt(master);
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct later later = {10, send_bytes, master, 0, "line\n", 5, 0, 0, 0};
  start_later(&later);
  char buffer[20];
  note_result(run, "read", read(slave, buffer, 20));
  end_later(&later);
  note_result(run, "write", write(slave, "abc", 3));
  note_result(run, "read of the other side", read(master, buffer, 20) > 0 ? 0 : -1);
  struct iovec part = {buffer, 2};
  note_result(run, "write", write(master, "x\n", 2));
  note_result(run, "readv", readv(slave, &part, 1));
  set_nonblocking(slave);
  note_result(run, "read", read(slave, buffer, 20));
  close(slave);
  note_result(run, "read of a terminal that was closed", read(master, buffer, 20) > 0 ? 0 : -1);
  close(master);
  int devices[] = {open("/dev/null", O_RDWR | O_CLOEXEC), open("/dev/zero", O_RDWR | O_CLOEXEC)};
  for (int i = 0; i < 2; i++) {
    note_result(run, "read of a device", read(devices[i], buffer, 20));
    note_result(run, "write to a device", write(devices[i], buffer, 20));
    close(devices[i]);
  }
}

void add_files(void) {
  static const int sizes[] = {20, 5000, 300000};
  for (int i = 0; i < 3; i++) add(file_calls, 0, 0, sizes[i], "a file of %d bytes", sizes[i]);
  static const char *const names[] = {"open", "openat", "open64"};
  static const char *const sides[] = {"O_RDONLY", "O_WRONLY", "O_RDWR"};
  static const char *const ways[] = {"", "the other side later", "O_NONBLOCK", "O_NONBLOCK, the other side later"};
  for (int call = 0; call < 3; call++) {
    for (int side = 0; side < 3; side++) {
      for (int way = 0; way < 4; way++) {
        if (way == 0 && side != 2) continue; // for ever
        add(fifo, call, side == 0 ? O_RDONLY : side == 1 ? O_WRONLY : O_RDWR, way, "%s of a FIFO: %s %s", names[call],
            sides[side], ways[way]);
      }
    }
  }
  add(opening, 0, 0, 0, "open, creat, dup2 and close");
  add(file_lock, 0, 0, 0, "flock");
  add(file_lock, 0, 1, 0, "fcntl with F_OFD_SETLKW");
  add(record_lock, 0, 0, 0, "fcntl with F_SETLKW, lockf");
  add(event_descriptor, 0, 0, 0, "eventfd and timerfd");
  add(event_descriptor, 0, 0, 1, "eventfd as a semaphore");
  add(terminal, 0, 0, 0, "terminals and devices");
}
