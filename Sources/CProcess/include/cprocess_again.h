#ifndef CPROCESS_AGAIN_H
#define CPROCESS_AGAIN_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Starts a program with the arguments and the environment that this one was started with, and some variables more
// ("NAME=value"), which take the place of those of the same name and which a NULL ends.
//
// `image` is the program's file; -1 for this program's own, cprocess_image_path's. The child has no signal blocked, none
// ignored and none handled; of its parent's close-on-exec descriptors it keeps only those in `inherited`; and it is killed
// when the calling thread ends. The caller may have threads. Blocks until the program runs. Returns the process id, or -1
// with errno, the child's included.
pid_t cprocess_start_again(int image, const char *const *variables, const int *inherited, size_t count);

// The same for the program that is to take this one's place: cprocess_image_file(), by its path, which it has to know itself. It
// runs in the folder that this one was started in, and outlives its parent.
pid_t cprocess_start_successor(const char *const *variables, const int *inherited, size_t count);

#ifdef __cplusplus
}
#endif
#endif
