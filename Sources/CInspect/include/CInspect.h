#ifndef CINSPECT_H
#define CINSPECT_H

// Names for addresses: what a backtrace is printed with.

#include "CInspectDebugger.h"
#include "CInspectThrown.h"
#include "CInspectWatchdog.h"

#include <stddef.h>
#include <stdint.h>

// What is known of one address of code. The strings live until the function that was given them returns.
typedef struct cinspect_place {
  const char *symbol;     // as the linker knows it, still mangled; NULL where none covers the address
  size_t offset;          // from the symbol's beginning, else from the image's
  const char *image;      // the path of the executable or library; "" where the address is in none
  const char *directory;  // of the source file; NULL where `file` is all that is known
  const char *file;       // the source file; NULL where the image does not tell
  unsigned line;          // 0 where the image does not tell
} cinspect_place;

// Calls found(context, index, place) for each of the addresses, in any order. They are return addresses: what lies
// before each is told. Symbols come from the images' own files, so names that are not exported are known as well; of a
// stripped image the exported ones are. With `lines`, source files and lines come from .debug_line (DWARF 2 to 5).
//
// Makes system calls and allocates nothing. Without `lines` it may be called in a signal handler where glibc has
// _dl_find_object (2.35).
void cinspect_symbolicate(const uintptr_t *addresses, size_t count, int lines,
                          void (*found)(void *context, size_t index, const cinspect_place *place), void *context);

// A symbol as a person reads it, from malloc; NULL for one that is not mangled.
char *cinspect_demangle(const char *symbol);

// Tells, on standard error, the calls of the code that a signal has interrupted, in the handler, which passes what it was given
// as its context. `what` begins the line before them.
void cinspect_tell_interrupted(const char *what, const void *context);

// gettid(2).
int cinspect_thread_id(void);

// What the kernel calls the calling thread: perf, top and /proc/self/task/N/comm show it. 15 bytes and a zero.
#define CINSPECT_THREAD_NAME_BYTES 16
void cinspect_thread_name(char name[CINSPECT_THREAD_NAME_BYTES]);
void cinspect_set_thread_name(const char *name);

#endif
