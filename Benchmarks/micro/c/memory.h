// What /proc says of this process's memory, in bytes.

#ifndef MEMORY_H
#define MEMORY_H

#include <stdio.h>

struct memory {
  long resident;
  long tables;  // page tables, which the kernel does not count as resident
  long mappings;
};

static inline struct memory memory_now(void) {
  struct memory memory = {0, 0, 0};
  char line[4096];
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file)) {
    if (sscanf(line, "VmRSS: %ld", &memory.resident) == 1) memory.resident *= 1024;
    if (sscanf(line, "VmPTE: %ld", &memory.tables) == 1) memory.tables *= 1024;
  }
  if (file) fclose(file);
  file = fopen("/proc/self/maps", "r");
  while (file && fgets(line, sizeof line, file)) memory.mappings++;
  if (file) fclose(file);
  return memory;
}

#endif
