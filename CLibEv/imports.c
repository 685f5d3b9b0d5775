// The table of a loaded object's imports. A function of our own under libc's name would not do instead: a program
// may have one too, and where this library is loaded by dlopen(3) libc's is found first.
//
// ELF's, with the relocations of Linux. Elsewhere nothing asks for it: see refusals.c.

#ifdef __linux__

#define _GNU_SOURCE
#include "imports.h"

#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct search {
  uintptr_t inside;
  const char *name;
  void *replacement;
  bool is_found;
};

// The entries of the object's dynamic section that matter here.
struct dynamic {
  const char *strings;
  const ElfW(Sym) * symbols;
  const ElfW(Rela) * tables[2];
  size_t sizes[2];
};

static bool holds(const struct dl_phdr_info *object, uintptr_t address) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type == PT_LOAD && address - (object->dlpi_addr + part->p_vaddr) < part->p_memsz) return true;
  }
  return false;
}

// Some loaders turn the section's offsets into addresses and some do not.
static uintptr_t at(const struct dl_phdr_info *object, uintptr_t pointer) {
  return pointer < object->dlpi_addr ? object->dlpi_addr + pointer : pointer;
}

static struct dynamic read_dynamic(const struct dl_phdr_info *object) {
  struct dynamic found = {0};
  const ElfW(Dyn) *entry = NULL;
  for (int i = 0; i < object->dlpi_phnum; i++)
    if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
      entry = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
  for (; entry != NULL && entry->d_tag != DT_NULL; entry++) {
    switch (entry->d_tag) {
    case DT_STRTAB: found.strings = (const char *)at(object, entry->d_un.d_ptr); break;
    case DT_SYMTAB: found.symbols = (const ElfW(Sym) *)at(object, entry->d_un.d_ptr); break;
    case DT_JMPREL: found.tables[0] = (const ElfW(Rela) *)at(object, entry->d_un.d_ptr); break;
    case DT_PLTRELSZ: found.sizes[0] = entry->d_un.d_val; break;
    case DT_RELA: found.tables[1] = (const ElfW(Rela) *)at(object, entry->d_un.d_ptr); break;
    case DT_RELASZ: found.sizes[1] = entry->d_un.d_val; break;
    }
  }
  return found;
}

// Whether the table is read-only now that it has been filled.
static bool is_sealed(const struct dl_phdr_info *object, uintptr_t slot) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type == PT_GNU_RELRO && slot - (object->dlpi_addr + part->p_vaddr) < part->p_memsz) return true;
  }
  return false;
}

static bool write_slot(const struct dl_phdr_info *object, uintptr_t slot, void *value) {
  uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE), page = slot & -size;
  if (mprotect((void *)page, size, PROT_READ | PROT_WRITE) != 0) return false;
  // Other threads may be calling through it.
  atomic_store((_Atomic(void *) *)slot, value);
  if (is_sealed(object, slot)) mprotect((void *)page, size, PROT_READ);
  return true;
}

static int visit(struct dl_phdr_info *object, size_t size, void *argument) {
  (void)size;
  struct search *search = argument;
  if (!holds(object, search->inside)) return 0;
  struct dynamic dynamic = read_dynamic(object);
  if (dynamic.strings == NULL || dynamic.symbols == NULL) return 1;
  for (int t = 0; t < 2; t++) {
    for (size_t i = 0; dynamic.tables[t] != NULL && i < dynamic.sizes[t] / sizeof(ElfW(Rela)); i++) {
      const ElfW(Rela) *import = &dynamic.tables[t][i];
      size_t symbol = import->r_info >> 32;
      if (symbol == 0 || strcmp(dynamic.strings + dynamic.symbols[symbol].st_name, search->name) != 0) continue;
      if (write_slot(object, object->dlpi_addr + import->r_offset, search->replacement)) search->is_found = true;
    }
  }
  return 1;
}

bool cev_replace_import(const void *inside, const char *name, void *replacement) {
  struct search search = {(uintptr_t)inside, name, replacement, false};
  dl_iterate_phdr(visit, &search);
  return search.is_found;
}

#endif
