#ifndef CINSPECT_INTERNAL_H
#define CINSPECT_INTERNAL_H

#include "include/CInspect.h"

#include <stdbool.h>

#define CINSPECT_HIDDEN __attribute__((visibility("hidden")))
// How many addresses are looked up in one pass over a file.
#define CINSPECT_BATCH 64

// A part of a file in memory. Everything in it is believed only within its bounds.
struct section {
  const unsigned char *bytes;
  size_t size;
};

// The text at an offset; NULL when it does not end within the section.
const char *string_at(const struct section *strings, uint64_t offset) CINSPECT_HIDDEN;

// What is found out about one address.
struct query {
  uintptr_t address;  // as the file's own symbols have it
  const char *symbol;
  size_t offset;
  unsigned char rank;
  const char *directory, *file;
  unsigned line;
  uint64_t file_index;  // in the unit that is being read
  bool is_new;
};

struct line_sections {
  struct section lines, strings, line_strings;
};

// Sets the directories, files and lines of queries.
void find_lines(const struct line_sections *sections, struct query *queries, size_t count) CINSPECT_HIDDEN;

// A line that is made where nothing may be allocated.
struct text {
  char bytes[512];
  size_t count;
};

void text_add(struct text *text, const char *string) CINSPECT_HIDDEN;
void text_add_number(struct text *text, uint64_t number, unsigned base) CINSPECT_HIDDEN;
void text_write(const struct text *text) CINSPECT_HIDDEN;
// A line about each address, as the linker calls it.
void cinspect_write_places(const uintptr_t *addresses, size_t count) CINSPECT_HIDDEN;
// The calls of the code that a signal has interrupted, as cinspect_symbolicate takes them; how many.
size_t cinspect_interrupted_calls(const void *context, uintptr_t *addresses, size_t most) CINSPECT_HIDDEN;

#endif
