#ifndef CINSPECT_DEBUGGER_H
#define CINSPECT_DEBUGGER_H

// What a debugger must know to find the fibers of a process or of its core, with or without debug information. It is
// read by Scripts/gdb/greenfinch.py, by the name greenfinch_debugger, in this order.

#include <stdint.h>

#define CINSPECT_DEBUGGER_HUBS 64

typedef struct cinspect_layout {
  // Where these lie in a fiber; its stack pointer comes first.
  uint32_t fiber_id, fiber_name, fiber_record;
  // Where these lie in its record: the next of the hub's fibers, state and kind of wait as a byte each, what is waited
  // for, who spawned it, and where: a C string and a line of four bytes.
  uint32_t record_next, record_state, record_wait_kind, record_wait_detail, record_parent, record_site;
  // Where a hub has its first fiber.
  uint32_t hub_first;
  // The names of the states and of the kinds of wait, between spaces.
  const char *states, *wait_kinds;
} cinspect_layout;

// Tells of a hub, that of the calling thread, and how its fibers look. More than CINSPECT_DEBUGGER_HUBS are not told of.
void cinspect_debugger_add(const void *hub, const cinspect_layout *layout);
void cinspect_debugger_remove(const void *hub);

#endif
