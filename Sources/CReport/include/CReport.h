#ifndef CREPORT_H
#define CREPORT_H

// What the runtime says on standard error, from wherever it has to: a fiber, a lock, a signal handler.

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a line begins with that tells of the runtime.
#define CREPORT_PREFIX "greenfinch: "

// Writes the text and the end of its line, with one call where the kernel takes it at once. May be called in a signal
// handler; leaves errno alone; allocates nothing.
//
// Nobody has to read it: a standard error that is full is waited for a tenth of a second, and from then on not at all
// until it takes something again. Lines that are lost so are counted, and the next that is written says how many.
void creport_line(const char *text, size_t count);
// The same of the prefix and a text as printf(3) makes it, cut where it is longer than some hundred bytes. Not in a
// signal handler.
void creport_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif
#endif
