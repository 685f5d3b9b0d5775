// The locks of Swift's runtime are not a place to wait for anybody else.
//
// It takes them inside any code: where a generic type's metadata are made, or a conformance is looked up. The hub's own code
// and a library's callbacks, which must not park, come by there as others do; and so does what makes a fiber wait, which would
// wait for ever deeper. They are held for microseconds, so that the thread waits for another thread that holds one, in a fiber
// or not, as it does outside fibers. Only for a fiber of its own, which may wait for the memory allocator's lock, it must not.

#include "redirect.h"

#include <dlfcn.h>

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

static bool lies_among(const char *const *functions, size_t count, const char *caller) {
  bool is_above = false, is_below = false;
  for (size_t i = 0; i < count; i++) {
    if (functions[i] == NULL) continue;
    is_above |= functions[i] < caller;
    is_below |= functions[i] > caller;
  }
  return is_above && is_below;
}

static const void *object_of(const void *address) {
  Dl_info info;
  return address != NULL && dladdr(address, &info) != 0 ? info.dli_fbase : NULL;
}

bool credirect_is_runtimes(const void *caller) {
  const char *const core[] = {CORE(ADDRESS)}, *const concurrency[] = {CONCURRENCY(ADDRESS)};
  const void *object = object_of(caller);
  if (object != object_of((const void *)credirect_is_runtimes)) {
    return object != NULL && (object == object_of(core[0]) || object == object_of(concurrency[0]));
  }
  return lies_among(core, sizeof core / sizeof *core, caller)
         || lies_among(concurrency, sizeof concurrency / sizeof *concurrency, caller);
}
