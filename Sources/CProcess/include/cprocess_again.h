#ifndef CPROCESS_AGAIN_H
#define CPROCESS_AGAIN_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cprocess_start {
  const char *path;              // the program; NULL for `image`
  const char *const *arguments;  // what it is started with, its name first; NULL for what this one was started with
  int image;                     // the program's file; -1 for this program's own, cprocess_image_path's
  const char *const *variables;  // "NAME=value", in the place of those of the same name; NULL at the end
  const int *inherited;          // the descriptors, of those that are close-on-exec, that the program keeps
  size_t inherited_count;
  int streams;                   // what becomes standard input, output and error; -1 for those of this process
  int outlives;                  // whether it begins in the folder that this process began in, and is not killed when the
                                 // calling thread ends
  int is_apart;                  // whether it has a session of its own, and no descriptors but these and its streams
} cprocess_start;

// Starts a program with the environment that this one was started with, and, unless it says others, its arguments.
//
// The child has no signal blocked, none ignored and none handled. The caller may have threads. Blocks until the program runs.
// Returns the process id, or -1 with errno, the child's included.
pid_t cprocess_start_again(const cprocess_start *start);

#ifdef __cplusplus
}
#endif
#endif
