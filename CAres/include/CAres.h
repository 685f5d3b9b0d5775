#ifndef CARES_H_SHIM
#define CARES_H_SHIM

// c-ares, as Swift can call it.

#if defined(__swift__) && defined(__linux__)
// The types below are those of Swift's Glibc module, and not this module's as well: which of the two Swift takes them for
// would depend on the order in which files are compiled.
#pragma clang module import SwiftGlibc
#endif

#include <ares.h>
#include <netdb.h>
#include <sys/socket.h>

#endif
