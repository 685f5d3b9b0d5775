// The locks of Swift's runtime are not a place to wait for anybody else.
//
// It takes them inside any code: where a generic type's metadata are made, or a conformance is looked up. The hub's own code
// and a library's callbacks, which must not park, come by there as others do; and so does what makes a fiber wait, which would
// wait for ever deeper. They are held for microseconds, so that the thread waits for another thread that holds one, in a fiber
// or not, as it does outside fibers. Only for a fiber of its own, which may wait for the memory allocator's lock, it must not.

#include "redirect.h"

#include <dlfcn.h>
#include <link.h>

// Functions of the runtime, from as many of its files as can be: all others lie among them where it is linked in. None that
// never returns: the linker puts such ones elsewhere.
#define CORE(each)                                                                                                      \
  each(swift_getGenericMetadata) each(swift_conformsToProtocol) each(swift_getTypeByMangledNameInContext)               \
  each(swift_retain) each(swift_dynamicCast) each(swift_beginAccess) each(swift_allocObject)                            \
  each(swift_getAssociatedTypeWitness) each(swift_getOpaqueTypeMetadata) each(swift_getEnumCaseMultiPayload)            \
  each(swift_allocError) each(swift_weakInit) each(swift_getKeyPath) each(swift_getForeignTypeMetadata)
#define CONCURRENCY(each)                                                                                               \
  each(swift_task_create) each(swift_task_cancel) each(swift_task_switch) each(swift_job_run)                           \
  each(swift_asyncLet_begin) each(swift_taskGroup_destroy) each(swift_continuation_init)

// Absent where there is no Swift, or where nobody calls them.
#define DECLARE(name) extern void name(void) __attribute__((weak));
#define ADDRESS(name) (const char *)name,
CORE(DECLARE)
CONCURRENCY(DECLARE)

struct credirect_code credirect_runtime[2];

// From one function to another, without both.
static struct credirect_code code_between(const char *const *functions, size_t count) {
  uintptr_t first = UINTPTR_MAX, last = 0;
  for (size_t i = 0; i < count; i++) {
    uintptr_t function = (uintptr_t)functions[i];
    if (function == 0) continue;
    if (function < first) first = function;
    if (function > last) last = function;
  }
  return last > first ? (struct credirect_code){first + 1, last - first - 1} : (struct credirect_code){0, 0};
}

struct search {
  uintptr_t address;
  struct credirect_code found;
};

static int look_into(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  struct search *search = context;
  for (size_t i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    if (segment->p_type != PT_LOAD || search->address - start >= segment->p_memsz) continue;
    search->found = (struct credirect_code){start, segment->p_memsz};
    return 1;
  }
  return 0;
}

static const void *object_of(const void *address) {
  Dl_info info;
  return address != NULL && dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

// The whole code of a library; of a program that the runtime is linked into only what lies among its functions.
static struct credirect_code code_of(const char *const *functions, size_t count) {
  if (object_of(functions[0]) == object_of((const void *)code_of)) return code_between(functions, count);
  struct search search = {(uintptr_t)functions[0], {0, 0}};
  if (search.address != 0) dl_iterate_phdr(look_into, &search);
  return search.found;
}

__attribute__((constructor)) static void find_runtime(void) {
  const char *const core[] = {CORE(ADDRESS)}, *const concurrency[] = {CONCURRENCY(ADDRESS)};
  credirect_runtime[0] = code_of(core, sizeof core / sizeof *core);
  credirect_runtime[1] = code_of(concurrency, sizeof concurrency / sizeof *concurrency);
}
