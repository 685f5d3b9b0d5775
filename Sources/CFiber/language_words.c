// Finds the words of C++'s runtimes (Itanium C++ ABI: Exception Handling, 2.2.2; libstdc++'s <mutex>): every copy of one
// that is loaded, since a library may bring its own.
//
// The tables of symbols are read here, and not by dlsym(3): that takes the loader's lock, which a thread holds while it
// runs constructors, and one of these may wait for a fiber.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

// ---- A library's symbols -----------------------------------------------------------------------------------------

// By the table for GNU's hash, which all libraries have today; of one without it nothing is known.
struct symbols {
  const char *names;
  const ElfW(Sym) *all;
  const uint32_t *hashes;
};

// The loader has made the addresses absolute, except for the kernel's own library.
static const void *absolute(const struct dl_phdr_info *library, ElfW(Addr) address) {
  return (const void *)(address < library->dlpi_addr ? address + library->dlpi_addr : address);
}

static struct symbols symbols_of(const struct dl_phdr_info *library) {
  struct symbols symbols = {NULL, NULL, NULL};
  const ElfW(Dyn) *dynamic = NULL;
  for (int i = 0; i < library->dlpi_phnum; i++) {
    if (library->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    dynamic = (const ElfW(Dyn) *)(library->dlpi_addr + library->dlpi_phdr[i].p_vaddr);
  }
  for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
    if (dynamic->d_tag == DT_STRTAB) symbols.names = absolute(library, dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_SYMTAB) symbols.all = absolute(library, dynamic->d_un.d_ptr);
    if (dynamic->d_tag == DT_GNU_HASH) symbols.hashes = absolute(library, dynamic->d_un.d_ptr);
  }
  return symbols;
}

static uint32_t hash_of(const char *name) {
  uint32_t hash = 5381;
  for (; *name; name++) hash = hash * 33 + (unsigned char)*name;
  return hash;
}

// The symbol that the library defines under the name, or NULL.
static const ElfW(Sym) *find(struct symbols symbols, const char *name) {
  if (!symbols.names || !symbols.all || !symbols.hashes) return NULL;
  uint32_t bucket_count = symbols.hashes[0], first = symbols.hashes[1], bloom_words = symbols.hashes[2];
  if (bucket_count == 0) return NULL;
  const uint32_t *buckets = symbols.hashes + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t *chains = buckets + bucket_count;
  uint32_t hash = hash_of(name), index = buckets[hash % bucket_count];
  if (index < first) return NULL;
  for (;; index++) {
    uint32_t found = chains[index - first];
    const ElfW(Sym) *symbol = &symbols.all[index];
    bool is_it = (found | 1) == (hash | 1) && strcmp(symbols.names + symbol->st_name, name) == 0;
    if (is_it && symbol->st_shndx != SHN_UNDEF) return symbol;
    if (found & 1) return NULL;
  }
}

// ---- The words of C++ --------------------------------------------------------------------------------------------

struct tls_index {
  unsigned long module, offset;
};
extern void *__tls_get_addr(struct tls_index *);

uintptr_t *cfiber_library_variable(size_t module, size_t offset) {
  return __tls_get_addr(&(struct tls_index){module, offset});
}

// Two words: the exceptions caught, the last one first; and how many were thrown and are not caught yet. The other two:
// what std::call_once calls, by way of pthread_once.
static const struct {
  const char *name;
  size_t count;
} known[] = {{"__cxa_get_globals", 2}, {"_ZSt15__once_callable", 1}, {"_ZSt11__once_call", 1}};
#define KNOWN (sizeof known / sizeof *known)
#define MOST_FOUND 16

struct search {
  uint64_t known_until;        // libraries that had been opened when it was last looked
  uint64_t opened;
  unsigned count;
  struct {
    struct cfiber_words words;
    const char *library;
  } found[MOST_FOUND];
};

static int visit(struct dl_phdr_info *library, size_t size, void *context) {
  struct search *search = context;
  (void)size;
  search->opened = library->dlpi_adds;
  if (search->opened == search->known_until) return 1;
  struct symbols symbols = symbols_of(library);
  for (size_t i = 0; i < KNOWN && search->count < MOST_FOUND; i++) {
    const ElfW(Sym) *symbol = find(symbols, known[i].name);
    if (!symbol) continue;
    struct cfiber_words words = {.count = known[i].count};
    if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC) {
      words.function = (cfiber_words_address)(library->dlpi_addr + symbol->st_value);
    } else if (ELF64_ST_TYPE(symbol->st_info) == STT_TLS) {
      words.module = library->dlpi_tls_modid;
      words.offset = symbol->st_value;
    } else {
      continue;
    }
    search->found[search->count].words = words;
    search->found[search->count++].library = library->dlpi_name;
  }
  return 0;
}

// Where a runtime is linked into the executable, no table of symbols names it.
extern void *__cxa_get_globals(void) __attribute__((weak));

void cfiber_find_language_words(struct cfiber_thread *thread) {
  struct search search = {.known_until = thread->libraries_known};
  bool is_first = thread->libraries_known == 0;
  dl_iterate_phdr(visit, &search);
  if (search.opened == thread->libraries_known) return;
  thread->libraries_known = search.opened;
  if (is_first && __cxa_get_globals) cfiber_add_words(&(struct cfiber_words){.function = __cxa_get_globals, .count = 2});
  for (unsigned i = 0; i < search.count; i++) {
    // A library that was opened later could be closed, and its variables would be gone.
    const char *library = search.found[i].library;
    if (!is_first && *library && !dlopen(library, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE)) continue;
    cfiber_add_words(&search.found[i].words);
  }
}
