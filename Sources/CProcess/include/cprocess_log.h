#ifndef CPROCESS_LOG_H
#define CPROCESS_LOG_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Writing to a log that perhaps nobody reads, without ever waiting for a reader.

typedef struct cprocess_log {
  int descriptor;  // what was given, shared with whoever started the program: its flags stay as they are
  int own;         // the same pipe, opened once more and non-blocking; -1 where there is none
  dev_t device;    // which pipe that is
  ino_t inode;
} cprocess_log;

// A log that writes to a descriptor, which it does not own.
cprocess_log cprocess_log_open(int descriptor);
// One attempt, like write(2); -1 with EAGAIN where it would wait. Where `descriptor` has become another file since, writes
// to that one.
ssize_t cprocess_log_write(const cprocess_log *log, const void *bytes, size_t count);
// Waits until an attempt is worth it, some milliseconds at the most; whether it is.
int cprocess_log_wait(const cprocess_log *log, int milliseconds);

// Puts a file that was opened anew in the place of a descriptor, close-on-exec, at once for all threads that write to it.
// -1 with errno.
int cprocess_log_replace(int descriptor, int fresh);

// A file in memory for what one process writes and another reads; close-on-exec. -1 with errno.
int cprocess_memory_file(const char *name);

// From now on what the program prints leaves with the end of its line, also where standard output is a pipe or a file.
void cprocess_log_print_by_line(void);

#ifdef __cplusplus
}
#endif
#endif
