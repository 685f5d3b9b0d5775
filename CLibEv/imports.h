#ifndef CLIBEV_IMPORTS_H
#define CLIBEV_IMPORTS_H

#include <stdbool.h>

// Has the shared object that `inside` points into call `replacement` where it calls the function `name` of another
// object; nobody else's calls change. False where it has no such import.
bool cev_replace_import(const void *inside, const char *name, void *replacement);

#endif
