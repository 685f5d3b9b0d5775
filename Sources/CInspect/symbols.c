// The function that an address lies in, by the symbol table of the file that it was loaded from.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- The image --------------------------------------------------------------------------------------------------

struct image {
  uintptr_t bias;  // what was added to the file's addresses
  uintptr_t start, end;
  bool is_executable;
  char path[1024];
};

static void set_path(struct image *image, const char *name) {
  image->is_executable = !name || !*name;
  if (!image->is_executable) {
    size_t length = strnlen(name, sizeof image->path - 1);
    memcpy(image->path, name, length);
    image->path[length] = 0;
    return;
  }
  // The loader has no name for it.
  ssize_t length = readlink("/proc/self/exe", image->path, sizeof image->path - 1);
  image->path[length > 0 ? length : 0] = 0;
}

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ) && __GLIBC_PREREQ(2, 35)

static bool find_image(uintptr_t address, struct image *image) {
  struct dl_find_object found;
  if (_dl_find_object((void *)address, &found) != 0 || !found.dlfo_link_map) return false;
  image->bias = found.dlfo_link_map->l_addr;
  image->start = (uintptr_t)found.dlfo_map_start;
  image->end = (uintptr_t)found.dlfo_map_end;
  set_path(image, found.dlfo_link_map->l_name);
  return true;
}

#else

struct search {
  uintptr_t address;
  struct image *image;
};

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  struct search *search = context;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t start = info->dlpi_addr + header->p_vaddr;
    if (header->p_type != PT_LOAD || search->address < start || search->address - start >= header->p_memsz) continue;
    search->image->bias = info->dlpi_addr;
    search->image->start = start;
    search->image->end = start + header->p_memsz;
    set_path(search->image, info->dlpi_name);
    return 1;
  }
  return 0;
}

static bool find_image(uintptr_t address, struct image *image) {
  struct search search = {address, image};
  return dl_iterate_phdr(visit, &search) == 1;
}

#endif

// ---- The file -----------------------------------------------------------------------------------------------------

static bool map_file(const struct image *image, struct section *file) {
  // The executable by what runs, even when another has taken its path since.
  int descriptor = open(image->is_executable ? "/proc/self/exe" : image->path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat status;
  void *memory = MAP_FAILED;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > (off_t)sizeof(Elf64_Ehdr)) {
    memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  close(descriptor);
  if (memory == MAP_FAILED) return false;
  file->bytes = memory;
  file->size = (size_t)status.st_size;
  return true;
}

static bool is_within(const struct section *file, uint64_t offset, uint64_t size) {
  return offset <= file->size && size <= file->size - offset;
}

static const Elf64_Shdr *section_headers(const struct section *file, size_t *count) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)file->bytes;
  *count = header->e_shnum;
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shoff % _Alignof(Elf64_Shdr) != 0 ||
      !is_within(file, header->e_shoff, *count * sizeof(Elf64_Shdr))) {
    *count = 0;
  }
  return (const Elf64_Shdr *)(file->bytes + header->e_shoff);
}

static struct section contents(const struct section *file, const Elf64_Shdr *header) {
  bool is_there = header->sh_type != SHT_NOBITS && !(header->sh_flags & SHF_COMPRESSED) &&
                  is_within(file, header->sh_offset, header->sh_size);
  return is_there ? (struct section){file->bytes + header->sh_offset, header->sh_size} : (struct section){NULL, 0};
}

const char *string_at(const struct section *strings, uint64_t offset) {
  if (offset >= strings->size) return NULL;
  const char *text = (const char *)strings->bytes + offset;
  return memchr(text, 0, strings->size - offset) ? text : NULL;
}

// ---- Symbols -------------------------------------------------------------------------------------------------------

// Which of several symbols at one place names it best: one that has a size, then one that others may see.
static unsigned char rank(const Elf64_Sym *symbol) {
  return (unsigned char)(1 + (symbol->st_size != 0 ? 2 : 0) + (ELF64_ST_BIND(symbol->st_info) != STB_LOCAL ? 1 : 0));
}

static void consider(const Elf64_Sym *symbol, const struct section *names, struct query *queries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct query *query = &queries[i];
    uintptr_t before = query->address - 1;
    if (before < symbol->st_value) continue;
    if (symbol->st_size != 0 && before - symbol->st_value >= symbol->st_size) continue;
    size_t offset = query->address - symbol->st_value;
    unsigned char new_rank = rank(symbol);
    if (query->symbol && (new_rank < query->rank || (new_rank == query->rank && offset >= query->offset))) continue;
    const char *name = string_at(names, symbol->st_name);
    if (!name || !*name) continue;
    query->symbol = name;
    query->offset = offset;
    query->rank = new_rank;
  }
}

static void search_table(const struct section *file, const Elf64_Shdr *headers, size_t header_count,
                         const Elf64_Shdr *table, struct query *queries, size_t count) {
  struct section symbols = contents(file, table);
  if (!symbols.bytes || table->sh_link >= header_count || (uintptr_t)symbols.bytes % _Alignof(Elf64_Sym) != 0) return;
  struct section names = contents(file, &headers[table->sh_link]);
  const Elf64_Sym *symbol = (const Elf64_Sym *)symbols.bytes;
  for (size_t left = symbols.size / sizeof *symbol; left > 0; left--, symbol++) {
    unsigned type = ELF64_ST_TYPE(symbol->st_info);
    bool is_code = type == STT_FUNC || type == STT_GNU_IFUNC || (type == STT_NOTYPE && symbol->st_size != 0);
    if (is_code && symbol->st_shndx != SHN_UNDEF) consider(symbol, &names, queries, count);
  }
}

// ---- Lines -----------------------------------------------------------------------------------------------------------

static void search_lines(const struct section *file, const Elf64_Shdr *headers, size_t header_count,
                         struct query *queries, size_t count) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)file->bytes;
  if (header->e_shstrndx >= header_count) return;
  struct section names = contents(file, &headers[header->e_shstrndx]);
  struct line_sections sections = {0};
  for (size_t i = 0; i < header_count; i++) {
    const char *name = string_at(&names, headers[i].sh_name);
    if (!name) continue;
    if (strcmp(name, ".debug_line") == 0) sections.lines = contents(file, &headers[i]);
    if (strcmp(name, ".debug_str") == 0) sections.strings = contents(file, &headers[i]);
    if (strcmp(name, ".debug_line_str") == 0) sections.line_strings = contents(file, &headers[i]);
  }
  if (sections.lines.bytes) find_lines(&sections, queries, count);
}

// ---- All of it -------------------------------------------------------------------------------------------------------

static void search_image(const struct image *image, struct query *queries, size_t count, int lines,
                         struct section *file) {
  if (!map_file(image, file)) return;
  size_t header_count;
  const Elf64_Shdr *headers = section_headers(file, &header_count);
  for (int type = SHT_SYMTAB;; type = SHT_DYNSYM) {
    bool is_there = false;
    for (size_t i = 0; i < header_count; i++) {
      if (headers[i].sh_type != (Elf64_Word)type) continue;
      search_table(file, headers, header_count, &headers[i], queries, count);
      is_there = true;
    }
    if (is_there || type == SHT_DYNSYM) break;
  }
  if (lines) search_lines(file, headers, header_count, queries, count);
}

typedef void (*found_function)(void *context, size_t index, const cinspect_place *place);

// At most CINSPECT_BATCH addresses, of which the first is at `offset` in the caller's.
static void symbolicate_batch(const uintptr_t *addresses, size_t count, size_t offset, int lines, found_function found,
                              void *context) {
  bool done[CINSPECT_BATCH] = {false};
  for (size_t first = 0; first < count; first++) {
    if (done[first]) continue;
    struct image image;
    if (!find_image(addresses[first] - 1, &image)) {
      cinspect_place nowhere = {.image = "", .offset = addresses[first]};
      found(context, offset + first, &nowhere);
      continue;
    }
    // All addresses of this image in one pass.
    struct query queries[CINSPECT_BATCH];
    size_t indices[CINSPECT_BATCH], in_image = 0;
    for (size_t i = first; i < count; i++) {
      if (done[i] || addresses[i] - 1 < image.start || addresses[i] - 1 >= image.end) continue;
      done[i] = true;
      indices[in_image] = i;
      queries[in_image++] = (struct query){.address = addresses[i] - image.bias};
    }
    struct section file = {NULL, 0};
    search_image(&image, queries, in_image, lines, &file);
    for (size_t i = 0; i < in_image; i++) {
      struct query *query = &queries[i];
      cinspect_place place = {
          .symbol = query->symbol,
          .offset = query->symbol ? query->offset : query->address,
          .image = image.path,
          .directory = query->directory,
          .file = query->file,
          .line = query->line,
      };
      found(context, offset + indices[i], &place);
    }
    if (file.bytes) munmap((void *)file.bytes, file.size);
  }
}

void cinspect_symbolicate(const uintptr_t *addresses, size_t count, int lines, found_function found, void *context) {
  for (size_t offset = 0; offset < count; offset += CINSPECT_BATCH) {
    size_t size = count - offset < CINSPECT_BATCH ? count - offset : CINSPECT_BATCH;
    symbolicate_batch(addresses + offset, size, offset, lines, found, context);
  }
}
