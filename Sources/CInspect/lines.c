// Source files and lines, by the section .debug_line: DWARF 2 to 5, "Line Number Information" (section 6.2).

#include "internal.h"

#include <string.h>

// ---- A cursor that stays within its bounds: past the end it reads zeros -----------------------------------------

struct cursor {
  const unsigned char *at, *end;
};

static bool has(const struct cursor *cursor, uint64_t size) { return (uint64_t)(cursor->end - cursor->at) >= size; }

static uint64_t fixed(struct cursor *cursor, unsigned size) {
  uint64_t value = 0;
  if (!has(cursor, size)) {
    cursor->at = cursor->end;
    return 0;
  }
  memcpy(&value, cursor->at, size);  // both architectures are little-endian
  cursor->at += size;
  return value;
}

static void skip(struct cursor *cursor, uint64_t size) { cursor->at = has(cursor, size) ? cursor->at + size : cursor->end; }

static uint64_t unsigned_leb(struct cursor *cursor) {
  uint64_t value = 0;
  for (unsigned shift = 0; has(cursor, 1); shift += 7) {
    unsigned char byte = *cursor->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) break;
  }
  return value;
}

static int64_t signed_leb(struct cursor *cursor) {
  uint64_t value = 0;
  for (unsigned shift = 0; has(cursor, 1);) {
    unsigned char byte = *cursor->at++;
    if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
    shift += 7;
    if (byte & 0x80) continue;
    if (shift < 64 && (byte & 0x40)) value |= ~(uint64_t)0 << shift;
    break;
  }
  return (int64_t)value;
}

static const char *text(struct cursor *cursor) {
  const void *end = memchr(cursor->at, 0, (size_t)(cursor->end - cursor->at));
  if (!end) {
    cursor->at = cursor->end;
    return "";
  }
  const char *start = (const char *)cursor->at;
  cursor->at = (const unsigned char *)end + 1;
  return start;
}

// ---- The header of a unit -----------------------------------------------------------------------------------------

enum { MOST_FORMATS = 8 };
enum { CONTENT_PATH = 1, CONTENT_DIRECTORY = 2 };
enum {
  FORM_DATA2 = 0x05, FORM_DATA4 = 0x06, FORM_DATA8 = 0x07, FORM_STRING = 0x08, FORM_BLOCK = 0x09, FORM_DATA1 = 0x0b,
  FORM_STRP = 0x0e, FORM_UDATA = 0x0f, FORM_DATA16 = 0x1e, FORM_LINE_STRP = 0x1f,
};

// The directories or the files of a unit.
struct table {
  struct cursor start;
  uint64_t count;  // version 5; before, an empty name ends the table
  unsigned format_count;
  uint64_t contents[MOST_FORMATS], forms[MOST_FORMATS];
};

struct unit {
  const struct line_sections *sections;
  unsigned version, offset_size;
  unsigned instruction_length, line_range, opcode_base;
  int line_base;
  const unsigned char *opcode_lengths;
  struct table directories, files;
};

struct entry {
  const char *path;
  uint64_t directory;
};

// An entry of version 5. False for a form that is not known: then nothing after it can be read.
static bool read_entry(const struct unit *unit, const struct table *table, struct cursor *cursor, struct entry *entry) {
  *entry = (struct entry){NULL, 0};
  for (unsigned i = 0; i < table->format_count; i++) {
    uint64_t number = 0;
    const char *path = NULL;
    switch (table->forms[i]) {
    case FORM_STRING: path = text(cursor); break;
    case FORM_LINE_STRP: path = string_at(&unit->sections->line_strings, fixed(cursor, unit->offset_size)); break;
    case FORM_STRP: path = string_at(&unit->sections->strings, fixed(cursor, unit->offset_size)); break;
    case FORM_UDATA: number = unsigned_leb(cursor); break;
    case FORM_DATA1: number = fixed(cursor, 1); break;
    case FORM_DATA2: number = fixed(cursor, 2); break;
    case FORM_DATA4: number = fixed(cursor, 4); break;
    case FORM_DATA8: number = fixed(cursor, 8); break;
    case FORM_DATA16: skip(cursor, 16); break;
    case FORM_BLOCK: skip(cursor, unsigned_leb(cursor)); break;
    default: return false;
    }
    if (table->contents[i] == CONTENT_PATH) entry->path = path;
    if (table->contents[i] == CONTENT_DIRECTORY) entry->directory = number;
  }
  return true;
}

// Sets `cursor` to just after the table.
static bool read_table(const struct unit *unit, struct table *table, struct cursor *cursor) {
  table->format_count = (unsigned)fixed(cursor, 1);
  if (table->format_count > MOST_FORMATS) return false;
  for (unsigned i = 0; i < table->format_count; i++) {
    table->contents[i] = unsigned_leb(cursor);
    table->forms[i] = unsigned_leb(cursor);
  }
  table->count = unsigned_leb(cursor);
  table->start = *cursor;
  struct entry entry;
  for (uint64_t i = 0; i < table->count && has(cursor, 1); i++) {
    if (!read_entry(unit, table, cursor, &entry)) return false;
  }
  return true;
}

// The tables of versions 2 to 4.
static void read_old_tables(struct unit *unit, struct cursor *cursor) {
  unit->directories.start = *cursor;
  while (has(cursor, 1) && *text(cursor)) {}
  unit->files.start = *cursor;
}

static bool read_header(struct unit *unit, struct cursor *cursor, struct cursor *program) {
  unit->version = (unsigned)fixed(cursor, 2);
  if (unit->version < 2 || unit->version > 5) return false;
  if (unit->version >= 5) skip(cursor, 2);  // the sizes of addresses and of segment selectors
  uint64_t header_length = fixed(cursor, unit->offset_size);
  *program = *cursor;
  skip(program, header_length);
  unit->instruction_length = (unsigned)fixed(cursor, 1);
  if (unit->version >= 4) skip(cursor, 1);  // operations in an instruction: for other architectures
  skip(cursor, 1);                          // whether a line begins a statement
  unit->line_base = (signed char)fixed(cursor, 1);
  unit->line_range = (unsigned)fixed(cursor, 1);
  unit->opcode_base = (unsigned)fixed(cursor, 1);
  if (unit->line_range == 0 || unit->opcode_base == 0 || !has(cursor, unit->opcode_base - 1)) return false;
  unit->opcode_lengths = cursor->at;
  skip(cursor, unit->opcode_base - 1);
  if (unit->version >= 5) {
    return read_table(unit, &unit->directories, cursor) && read_table(unit, &unit->files, cursor);
  }
  read_old_tables(unit, cursor);
  return true;
}

// ---- The name of a file ------------------------------------------------------------------------------------------

static struct entry entry_at(const struct unit *unit, const struct table *table, uint64_t index) {
  struct cursor cursor = table->start;
  struct entry entry = {NULL, 0};
  for (uint64_t i = 0; i < table->count; i++) {
    if (!read_entry(unit, table, &cursor, &entry)) break;
    if (i == index) return entry;
  }
  return (struct entry){NULL, 0};
}

// Before version 5 they count from 1, and directory 0 is that of the compilation, told elsewhere.
static struct entry old_file_at(const struct unit *unit, uint64_t index) {
  struct cursor cursor = unit->files.start;
  for (uint64_t i = 1; has(&cursor, 1); i++) {
    struct entry entry = {text(&cursor), 0};
    if (!*entry.path) break;
    entry.directory = unsigned_leb(&cursor);
    unsigned_leb(&cursor);  // the time
    unsigned_leb(&cursor);  // the length
    if (i == index) return entry;
  }
  return (struct entry){NULL, 0};
}

static const char *old_directory_at(const struct unit *unit, uint64_t index) {
  struct cursor cursor = unit->directories.start;
  for (uint64_t i = 1; has(&cursor, 1); i++) {
    const char *path = text(&cursor);
    if (!*path) break;
    if (i == index) return path;
  }
  return NULL;
}

static void name_file(const struct unit *unit, struct query *query) {
  bool is_new = unit->version >= 5;
  struct entry file = is_new ? entry_at(unit, &unit->files, query->file_index) : old_file_at(unit, query->file_index);
  query->file = file.path;
  query->directory = NULL;
  if (!file.path || file.path[0] == '/') return;
  query->directory =
      is_new ? entry_at(unit, &unit->directories, file.directory).path : old_directory_at(unit, file.directory);
}

// ---- The program -----------------------------------------------------------------------------------------------------

struct state {
  uint64_t address, file, start;
  int64_t line;
  bool has_row;  // in this sequence
  // The row before, which holds up to this one.
  uint64_t last_address, last_file;
  int64_t last_line;
};

static void begin_sequence(struct state *state) { *state = (struct state){.file = 1, .line = 1}; }

static void add_row(struct state *state, struct query *queries, size_t count) {
  if (!state->has_row) state->start = state->address;
  // What the linker has left out begins at zero.
  if (state->has_row && state->start != 0 && state->last_line > 0) {
    for (size_t i = 0; i < count; i++) {
      uintptr_t before = queries[i].address - 1;
      if (before < state->last_address || before >= state->address) continue;
      queries[i].line = (unsigned)state->last_line;
      queries[i].file_index = state->last_file;
      queries[i].is_new = true;
    }
  }
  state->has_row = true;
  state->last_address = state->address;
  state->last_file = state->file;
  state->last_line = state->line;
}

enum { COPY = 1, ADVANCE_PC, ADVANCE_LINE, SET_FILE, CONST_ADD_PC = 8, FIXED_ADVANCE_PC };
enum { END_SEQUENCE = 1, SET_ADDRESS };

static void run_extended(struct state *state, struct cursor *cursor, struct query *queries, size_t count) {
  uint64_t length = unsigned_leb(cursor);
  struct cursor rest = *cursor;
  skip(&rest, length);
  unsigned opcode = length > 0 ? (unsigned)fixed(cursor, 1) : 0;
  if (opcode == END_SEQUENCE) {
    add_row(state, queries, count);
    begin_sequence(state);
  } else if (opcode == SET_ADDRESS && length - 1 <= sizeof state->address) {
    state->address = fixed(cursor, (unsigned)length - 1);
  }
  *cursor = rest;
}

static void run_standard(
    const struct unit *unit, unsigned opcode, struct state *state, struct cursor *cursor, struct query *queries,
    size_t count) {
  switch (opcode) {
  case COPY: add_row(state, queries, count); break;
  case ADVANCE_PC: state->address += unsigned_leb(cursor) * unit->instruction_length; break;
  case ADVANCE_LINE: state->line += signed_leb(cursor); break;
  case SET_FILE: state->file = unsigned_leb(cursor); break;
  case CONST_ADD_PC:
    state->address += (255 - unit->opcode_base) / unit->line_range * unit->instruction_length;
    break;
  case FIXED_ADVANCE_PC: state->address += fixed(cursor, 2); break;
  default:
    for (unsigned i = unit->opcode_lengths[opcode - 1]; i > 0; i--) unsigned_leb(cursor);
  }
}

static void run(const struct unit *unit, struct cursor cursor, struct query *queries, size_t count) {
  struct state state;
  begin_sequence(&state);
  while (has(&cursor, 1)) {
    unsigned opcode = (unsigned)fixed(&cursor, 1);
    if (opcode == 0) {
      run_extended(&state, &cursor, queries, count);
    } else if (opcode < unit->opcode_base) {
      run_standard(unit, opcode, &state, &cursor, queries, count);
    } else {
      unsigned adjusted = opcode - unit->opcode_base;
      state.address += adjusted / unit->line_range * unit->instruction_length;
      state.line += unit->line_base + (int)(adjusted % unit->line_range);
      add_row(&state, queries, count);
    }
  }
}

void find_lines(const struct line_sections *sections, struct query *queries, size_t count) {
  struct cursor cursor = {sections->lines.bytes, sections->lines.bytes + sections->lines.size};
  while (has(&cursor, 4)) {
    struct unit unit = {.sections = sections, .offset_size = 4};
    uint64_t length = fixed(&cursor, 4);
    if (length == 0xffffffff) {
      unit.offset_size = 8;
      length = fixed(&cursor, 8);
    }
    struct cursor inside = cursor, program;
    skip(&cursor, length);
    inside.end = cursor.at;
    if (!read_header(&unit, &inside, &program)) continue;
    run(&unit, program, queries, count);
    for (size_t i = 0; i < count; i++) {
      if (queries[i].is_new) name_file(&unit, &queries[i]);
      queries[i].is_new = false;
    }
  }
}
